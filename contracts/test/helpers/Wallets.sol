// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "../../src/testing/TestToken.sol";

/// @dev A contract that owns tokens and answers, to whoever asks about a signature, in the way that it was made for.
contract Wallet {
    enum Way {
        Right,
        Wrong,
        One,
        DirtyBelow,
        Short,
        Nothing,
        Megabyte,
        Revert,
        RevertRight,
        BurnGas,
        Checking,
        ChangeState
    }

    Way public way;
    bytes32 public expectedDigest;
    bytes32 public expectedSignature;
    uint256 private _count;

    constructor(Way way_) {
        way = way_;
    }

    function approve(address token, address spender) external {
        TestToken(token).approve(spender, type(uint256).max);
    }

    function expect(bytes32 digest, bytes calldata signature) external {
        (expectedDigest, expectedSignature) = (digest, keccak256(signature));
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (way == Way.Right) return 0x1626ba7e;
        if (way == Way.Wrong) return 0xffffffff;
        if (way == Way.One) _give(bytes32(uint256(1)), 32);
        if (way == Way.DirtyBelow) _give(bytes32(bytes4(0x1626ba7e)) | bytes32(uint256(1)), 32);
        if (way == Way.Short) _give(bytes32(bytes4(0x1626ba7e)), 31);
        if (way == Way.Nothing) _give(0, 0);
        if (way == Way.Megabyte) _give(bytes32(bytes4(0x1626ba7e)), 50_000);
        if (way == Way.Revert) revert("no");
        if (way == Way.RevertRight) _refuse(bytes32(bytes4(0x1626ba7e)));
        if (way == Way.BurnGas) while (true) {}
        if (way == Way.ChangeState) _change();
        bool good = digest == expectedDigest && keccak256(signature) == expectedSignature;
        return good ? bytes4(0x1626ba7e) : bytes4(0);
    }

    function _give(bytes32 word, uint256 size) private pure {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, word)
            return(free, size)
        }
    }

    function _refuse(bytes32 word) private pure {
        assembly ("memory-safe") {
            mstore(0x00, word)
            revert(0x00, 0x20)
        }
    }

    function _change() private view {
        function() internal write = _write;
        function() internal view asView;
        assembly ("memory-safe") {
            asView := write
        }
        asView();
    }

    function _write() private {
        ++_count;
    }
}

/// @dev Answers every call with a word that begins with what it was called with, as some old wallets do.
contract Parrot {
    fallback() external {
        assembly ("memory-safe") {
            calldatacopy(0x00, 0x00, 0x04)
            return(0x00, 0x04)
        }
    }
}
