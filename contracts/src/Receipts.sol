// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ZeroAddress} from "./Errors.sol";
import {Receipt} from "./interfaces/ILedger.sol";
import {NotReceiptSigner, SettlementWithoutCode, SignerRemoved} from "./LedgerErrors.sol";
import {Owned} from "./Owned.sol";
import {Signatures} from "./Signatures.sol";

interface IDomain {
    function domainSeparator() external view returns (bytes32);
}

/// @title Whose receipts bind the operator, and for how long
/// @dev A removed key still answers for receipts of its time, for as long as such a receipt can be challenged. After
///      that it proves nothing: an old key that leaks must not cost a bond.
abstract contract Receipts is Owned {
    bytes32 internal constant RECEIPT_TYPEHASH =
        keccak256("Receipt(uint64 epoch,uint64 sequence,uint64 time,bytes32 uid,bytes32 previous,bytes32 head)");

    /// @notice The contract whose EIP-712 domain receipts are signed in.
    address public immutable settlement;
    /// @notice Signs receipts now.
    address public receiptSigner;
    /// @notice The last second that a key may have signed for: all time to come for the current one, zero for one that
    ///         never was any.
    mapping(address signer => uint256) public signerUntil;

    event ReceiptSignerChanged(address indexed previous, address indexed current);

    constructor(address settlement_, address receiptSigner_) {
        if (settlement_.code.length == 0) revert SettlementWithoutCode(settlement_);
        settlement = settlement_;
        _setReceiptSigner(receiptSigner_);
    }

    /// @notice Replaces the key that signs receipts from now on.
    function setReceiptSigner(address next) external onlyOwner {
        signerUntil[receiptSigner] = block.timestamp;
        _setReceiptSigner(next);
    }

    /// @notice The digest that the receipt signer signs.
    function receiptDigest(Receipt calldata receipt) public view returns (bytes32) {
        bytes32 separator = IDomain(settlement).domainSeparator();
        return keccak256(abi.encodePacked(hex"1901", separator, keccak256(abi.encode(RECEIPT_TYPEHASH, receipt))));
    }

    /// @dev The receipt's digest, if it binds the operator.
    /// @param challengePeriod How long receipts can be challenged.
    function _checkReceipt(Receipt calldata receipt, bytes calldata signature, uint256 challengePeriod)
        internal
        view
        returns (bytes32 digest)
    {
        digest = receiptDigest(receipt);
        address signer = Signatures.recover(digest, signature);
        uint256 until = signerUntil[signer];
        if (signer == address(0) || until == 0) revert NotReceiptSigner(signer);
        if (receipt.time > until || (signer != receiptSigner && block.timestamp > until + challengePeriod)) {
            revert SignerRemoved(signer, until, receipt.time);
        }
    }

    function _setReceiptSigner(address next) private {
        if (next == address(0)) revert ZeroAddress();
        emit ReceiptSignerChanged(receiptSigner, next);
        receiptSigner = next;
        signerUntil[next] = type(uint256).max;
    }
}
