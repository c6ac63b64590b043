// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

interface IErc20View {
    function balanceOf(address) external view returns (uint256);
    function allowance(address, address) external view returns (uint256);
}

interface INonceView {
    function epochOf(address owner) external view returns (uint64);
    function taken(address owner, uint256 nonce) external view returns (bool);
    function dead(address owner, uint256 nonce) external view returns (bool);
    function filled(bytes32 uid) external view returns (uint256);
}

interface IReservesView {
    function getReserves() external view returns (uint256, uint256);
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
    }

    /// Gas that one hostile token may burn before it counts as empty.
    uint256 private constant READ_GAS = 200_000;

    address public immutable vault;
    INonceView public immutable settlement;

    constructor(address vault_, address settlement_) {
        vault = vault_;
        settlement = INonceView(settlement_);
    }

    /// @notice Balance and allowance to the vault for each query; a token that reverts counts as zero.
    function funds(FundsQuery[] calldata queries) external view returns (FundsFact[] memory facts) {
        facts = new FundsFact[](queries.length);
        for (uint256 i; i < queries.length; ++i) {
            address token = queries[i].token;
            address owner = queries[i].owner;
            if (token.code.length == 0) continue;
            facts[i].isContract = true;
            facts[i].balance = _read(token, abi.encodeCall(IErc20View.balanceOf, (owner)));
            facts[i].allowance = _read(token, abi.encodeCall(IErc20View.allowance, (owner, vault)));
        }
    }

    /// @notice Epoch, nonce bits and filled amount for each query.
    function nonces(NonceQuery[] calldata queries) external view returns (NonceFact[] memory facts) {
        facts = new NonceFact[](queries.length);
        for (uint256 i; i < queries.length; ++i) {
            NonceQuery calldata q = queries[i];
            facts[i] = NonceFact({
                epoch: settlement.epochOf(q.owner),
                taken: settlement.taken(q.owner, q.nonce),
                dead: settlement.dead(q.owner, q.nonce),
                filled: settlement.filled(q.uid)
            });
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

    function _read(address token, bytes memory query) private view returns (uint256 value) {
        assembly ("memory-safe") {
            // Only the first word is copied, so a token cannot make the caller pay for megabytes.
            let ok := staticcall(READ_GAS, token, add(query, 32), mload(query), 0, 32)
            if and(ok, gt(returndatasize(), 31)) { value := mload(0) }
        }
    }
}
