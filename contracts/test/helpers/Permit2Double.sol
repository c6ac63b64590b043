// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPermit2} from "../../src/interfaces/IPermit2.sol";
import {Vm} from "./Base.sol";

/// @dev A test double of Permit2's signature transfers, written from the public description of its messages and
///      rules: it is not the deployed contract. It checks what that one checks (spender, witness, unordered nonce,
///      deadline, amounts, signature by key or by ERC-1271) and fails with errors of the same names. Etch it where the
///      vault looks for Permit2.
contract Permit2Double is IPermit2 {
    string private constant STUB = "(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,";
    string private constant STUB_BATCH =
        "(TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline,";
    bytes32 private constant PERMISSIONS_TYPEHASH = keccak256("TokenPermissions(address token,uint256 amount)");
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    error InvalidNonce();
    error SignatureExpired(uint256 deadline);
    error InvalidAmount(uint256 maximum);
    error LengthMismatch();
    error InvalidSigner();
    error InvalidSignature();
    error InvalidSignatureLength();
    error InvalidContractSignature();
    error TransferFailed();

    mapping(address owner => mapping(uint256 word => uint256)) public nonceBitmap;

    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        bytes32 typeHash = keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(typeHash, keccak256("Permit2"), block.chainid, address(this)));
    }

    function invalidateUnorderedNonces(uint256 word, uint256 mask) external {
        nonceBitmap[msg.sender][word] |= mask;
    }

    function permitWitnessTransferFrom(
        PermitTransferFrom calldata permit,
        SignatureTransferDetails calldata details,
        address owner,
        bytes32 witness,
        string calldata witnessType,
        bytes calldata signature
    ) external {
        _use(owner, permit.nonce, permit.deadline);
        bytes32 typeHash = keccak256(abi.encodePacked("PermitWitnessTransferFrom", STUB, witnessType));
        bytes32 permitted = _hash(permit.permitted);
        _check(owner, _digest(typeHash, permitted, permit.nonce, permit.deadline, witness), signature);
        _move(permit.permitted, details, owner);
    }

    function permitWitnessTransferFrom(
        PermitBatchTransferFrom calldata permit,
        SignatureTransferDetails[] calldata details,
        address owner,
        bytes32 witness,
        string calldata witnessType,
        bytes calldata signature
    ) external {
        uint256 count = permit.permitted.length;
        if (details.length != count) revert LengthMismatch();
        _use(owner, permit.nonce, permit.deadline);
        bytes memory hashes;
        for (uint256 i; i < count; ++i) {
            hashes = abi.encodePacked(hashes, _hash(permit.permitted[i]));
        }
        bytes32 typeHash = keccak256(abi.encodePacked("PermitBatchWitnessTransferFrom", STUB_BATCH, witnessType));
        _check(owner, _digest(typeHash, keccak256(hashes), permit.nonce, permit.deadline, witness), signature);
        for (uint256 i; i < count; ++i) {
            _move(permit.permitted[i], details[i], owner);
        }
    }

    function _use(address owner, uint256 nonce, uint256 deadline) private {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        uint256 bit = 1 << (nonce & 0xff);
        uint256 flipped = nonceBitmap[owner][nonce >> 8] ^= bit;
        if (flipped & bit == 0) revert InvalidNonce();
    }

    function _hash(TokenPermissions calldata permitted) private pure returns (bytes32) {
        return keccak256(abi.encode(PERMISSIONS_TYPEHASH, permitted.token, permitted.amount));
    }

    function _digest(bytes32 typeHash, bytes32 permitted, uint256 nonce, uint256 deadline, bytes32 witness)
        private
        view
        returns (bytes32)
    {
        bytes32 hash = keccak256(abi.encode(typeHash, permitted, msg.sender, nonce, deadline, witness));
        return keccak256(abi.encodePacked(hex"1901", DOMAIN_SEPARATOR(), hash));
    }

    function _check(address owner, bytes32 digest, bytes calldata signature) private view {
        if (owner.code.length != 0) {
            (bool ok, bytes memory answer) =
                owner.staticcall(abi.encodeWithSignature("isValidSignature(bytes32,bytes)", digest, signature));
            if (!ok || answer.length < 32 || bytes4(answer) != 0x1626ba7e) revert InvalidContractSignature();
            return;
        }
        (bytes32 r, uint256 s, uint8 v) = _split(signature);
        address signer = ecrecover(digest, v, r, bytes32(s));
        if (signer == address(0)) revert InvalidSignature();
        if (signer != owner) revert InvalidSigner();
    }

    function _split(bytes calldata signature) private pure returns (bytes32 r, uint256 s, uint8 v) {
        if (signature.length == 65) {
            (r, s) = abi.decode(signature, (bytes32, uint256));
            return (r, s, uint8(signature[64]));
        }
        if (signature.length != 64) revert InvalidSignatureLength();
        (r, s) = abi.decode(signature, (bytes32, uint256));
        v = uint8(27 + (s >> 255));
        s &= type(uint256).max >> 1;
    }

    function _move(TokenPermissions calldata permitted, SignatureTransferDetails calldata details, address owner)
        private
    {
        if (details.requestedAmount > permitted.amount) revert InvalidAmount(permitted.amount);
        if (details.requestedAmount == 0) return;
        bytes memory data = abi.encodeWithSignature(
            "transferFrom(address,address,uint256)", owner, details.to, details.requestedAmount
        );
        (bool ok, bytes memory answer) = permitted.token.call(data);
        if (!ok || (answer.length != 0 && !abi.decode(answer, (bool)))) revert TransferFailed();
    }
}

/// @dev Puts the double in its place and signs for it, by the same public description.
library Permit2Signing {
    address internal constant PERMIT2 = 0x000000000022D473030F116dDEE9F6B43aC78BA3;
    string internal constant WITNESS_TYPE = "Intent witness)"
        "Intent(address owner,address receiver,Leg[] gives,Leg[] wants,string kind,string fill,uint256 minFill,"
        "uint48 validFrom,uint48 decayTo,uint48 validTo,uint256 nonce,bytes32 terms)"
        "Leg(address token,uint256 start,uint256 end)" "TokenPermissions(address token,uint256 amount)";

    function install(Vm vm) internal returns (Permit2Double) {
        vm.etch(PERMIT2, address(new Permit2Double()).code);
        return Permit2Double(PERMIT2);
    }

    function one(address spender, IPermit2.PermitTransferFrom memory permit, bytes32 witness)
        internal
        view
        returns (bytes32)
    {
        bytes32 typeHash = keccak256(
            abi.encodePacked(
                "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,",
                WITNESS_TYPE
            )
        );
        return _digest(typeHash, spender, _hash(permit.permitted), permit.nonce, permit.deadline, witness);
    }

    function several(address spender, IPermit2.PermitBatchTransferFrom memory permit, bytes32 witness)
        internal
        view
        returns (bytes32)
    {
        bytes32 typeHash = keccak256(
            abi.encodePacked(
                "PermitBatchWitnessTransferFrom(TokenPermissions[] permitted,address spender,uint256 nonce,"
                "uint256 deadline,",
                WITNESS_TYPE
            )
        );
        bytes32[] memory hashes = new bytes32[](permit.permitted.length);
        for (uint256 i; i < hashes.length; ++i) {
            hashes[i] = _hash(permit.permitted[i]);
        }
        bytes32 permitted = keccak256(abi.encodePacked(hashes));
        return _digest(typeHash, spender, permitted, permit.nonce, permit.deadline, witness);
    }

    function _hash(IPermit2.TokenPermissions memory permitted) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256("TokenPermissions(address token,uint256 amount)"), permitted));
    }

    function _digest(
        bytes32 typeHash,
        address spender,
        bytes32 permitted,
        uint256 nonce,
        uint256 deadline,
        bytes32 witness
    ) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)"),
                keccak256("Permit2"),
                block.chainid,
                PERMIT2
            )
        );
        bytes32 hash = keccak256(abi.encode(typeHash, permitted, spender, nonce, deadline, witness));
        return keccak256(abi.encodePacked(hex"1901", domain, hash));
    }
}
