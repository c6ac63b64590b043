// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

interface IErc20View {
    function balanceOf(address) external view returns (uint256);
    function allowance(address, address) external view returns (uint256);
}

interface ISettlementView {
    function epochOf(address owner) external view returns (uint64);
    function taken(address owner, uint256 nonce) external view returns (bool);
    function dead(address owner, uint256 nonce) external view returns (bool);
    function filled(bytes32 uid) external view returns (uint256);
    function keepsInVault(address owner) external view returns (bool);
    function preSigned(address owner, bytes32 uid) external view returns (bool);
}

interface IVaultView {
    function balanceOf(address owner, address token) external view returns (uint256);
}

interface IReservesView {
    function getReserves() external view returns (uint256, uint256);
}

/// @dev What can be asked of owners' contracts and of Permit2; read without trusting the answer.
interface IAuthorityView {
    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4);
    function nonceBitmap(address owner, uint256 word) external view returns (uint256);
}

/// @title Lens: many reads in one call, at one block. Holds nothing, changes nothing.
contract Lens {
    struct FundsQuery {
        address owner;
        address token;
    }

    struct FundsFact {
        uint256 balance;
        uint256 allowance;
        bool isContract;
        uint256 deposited;
        uint256 permit2Allowance;
    }

    struct NonceQuery {
        address owner;
        uint256 nonce;
        bytes32 uid;
    }

    struct NonceFact {
        uint64 epoch;
        bool taken;
        bool dead;
        uint256 filled;
        bool keepsInVault;
    }

    /// `digest` is what was signed, which is the intent's uid under every scheme but PERMIT2.
    struct AuthorityQuery {
        address owner;
        bytes32 digest;
        uint8 scheme;
        uint256 nonce;
        bytes signature;
    }

    struct AuthorityFact {
        bool hasCode;
        bool confirmed;
        bool nonceFree;
    }

    uint8 private constant PRESIGNED = 2;
    uint8 private constant PERMIT2_SCHEME = 3;
    address private constant PERMIT2 = 0x000000000022D473030F116dDEE9F6B43aC78BA3;
    /// Gas that an owner's contract may use to check a signature, as the settlement lets it.
    uint256 private constant ERC1271_GAS = 300_000;
    /// Gas that one hostile token may burn before it counts as empty.
    uint256 private constant READ_GAS = 200_000;

    address public immutable vault;
    ISettlementView public immutable settlement;

    constructor(address vault_, address settlement_) {
        vault = vault_;
        settlement = ISettlementView(settlement_);
    }

    /// @notice Balance, allowances to the vault and to Permit2, and balance in the vault for each query; a token that reverts
    ///         counts as zero.
    function funds(FundsQuery[] calldata queries) external view returns (FundsFact[] memory facts) {
        facts = new FundsFact[](queries.length);
        for (uint256 i; i < queries.length; ++i) {
            address token = queries[i].token;
            address owner = queries[i].owner;
            if (token.code.length == 0) continue;
            facts[i].isContract = true;
            facts[i].balance = _read(token, abi.encodeCall(IErc20View.balanceOf, (owner)));
            facts[i].allowance = _read(token, abi.encodeCall(IErc20View.allowance, (owner, vault)));
            facts[i].deposited = IVaultView(vault).balanceOf(owner, token);
            facts[i].permit2Allowance = _read(token, abi.encodeCall(IErc20View.allowance, (owner, PERMIT2)));
        }
    }

    /// @notice Epoch, nonce bits, filled amount and choice of funds for each query.
    function nonces(NonceQuery[] calldata queries) external view returns (NonceFact[] memory facts) {
        facts = new NonceFact[](queries.length);
        for (uint256 i; i < queries.length; ++i) {
            NonceQuery calldata q = queries[i];
            facts[i] = NonceFact({
                epoch: settlement.epochOf(q.owner),
                taken: settlement.taken(q.owner, q.nonce),
                dead: settlement.dead(q.owner, q.nonce),
                filled: settlement.filled(q.uid),
                keepsInVault: settlement.keepsInVault(q.owner)
            });
        }
    }

    /// @notice What the chain says of signatures that are not a key's alone. `confirmed`: under PRESIGNED the owner signed on
    ///         chain, else its contract takes the signature. `nonceFree`: Permit2 is there and would take the nonce.
    function authorities(AuthorityQuery[] calldata queries) external view returns (AuthorityFact[] memory facts) {
        facts = new AuthorityFact[](queries.length);
        for (uint256 i; i < queries.length; ++i) {
            AuthorityQuery calldata q = queries[i];
            facts[i].hasCode = q.owner.code.length != 0;
            facts[i].confirmed = q.scheme == PRESIGNED
                ? settlement.preSigned(q.owner, q.digest)
                : _takes(q.owner, q.digest, q.signature);
            facts[i].nonceFree = q.scheme != PERMIT2_SCHEME || _isFree(q.owner, q.nonce);
        }
    }

    /// @notice Reserves of constant-product pools; zeros where a pool does not answer.
    function reserves(address[] calldata pools) external view returns (uint256[2][] memory facts) {
        facts = new uint256[2][](pools.length);
        for (uint256 i; i < pools.length; ++i) {
            (bool ok, bytes memory data) =
                pools[i].staticcall{gas: READ_GAS}(abi.encodeCall(IReservesView.getReserves, ()));
            if (ok && data.length >= 64) (facts[i][0], facts[i][1]) = abi.decode(data, (uint256, uint256));
        }
    }

    /// @dev The magic value of ERC-1271, all of the word, or it is none.
    function _takes(address owner, bytes32 digest, bytes calldata signature) private view returns (bool) {
        if (owner.code.length == 0) return false;
        bytes memory query = abi.encodeCall(IAuthorityView.isValidSignature, (digest, signature));
        (, uint256 answer) = _word(owner, query, ERC1271_GAS);
        return bytes32(answer) == bytes32(IAuthorityView.isValidSignature.selector);
    }

    function _isFree(address owner, uint256 nonce) private view returns (bool) {
        if (PERMIT2.code.length == 0) return false;
        bytes memory query = abi.encodeCall(IAuthorityView.nonceBitmap, (owner, nonce >> 8));
        (bool ok, uint256 bits) = _word(PERMIT2, query, READ_GAS);
        return ok && (bits >> (nonce & 0xff)) & 1 == 0;
    }

    function _read(address token, bytes memory query) private view returns (uint256 value) {
        (, value) = _word(token, query, READ_GAS);
    }

    /// @dev The first word that `target` answers; zero if it reverts or answers less.
    function _word(address target, bytes memory query, uint256 gasLimit) private view returns (bool ok, uint256 value) {
        assembly ("memory-safe") {
            // Only the first word is copied, so nobody can make the caller pay for megabytes.
            ok := staticcall(gasLimit, target, add(query, 32), mload(query), 0, 32)
            ok := and(ok, gt(returndatasize(), 31))
            if ok { value := mload(0) }
        }
    }
}
