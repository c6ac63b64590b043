// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FillMathHarness} from "../../src/testing/FillMathHarness.sol";
import "../../src/Types.sol";
import {World} from "../helpers/World.sol";

/// @dev The EIP-712 hash of an intent.
contract HashTest is World {
    FillMathHarness private math;

    function setUp() public override {
        super.setUp();
        math = FillMathHarness(deploy("FillMathHarness", ""));
    }

    /// @dev EIP-712 as its text has it, without any trick.
    function plainHash(Intent memory i) private pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Intent(address owner,address receiver,Leg[] gives,Leg[] wants,string kind,string fill,uint256 minFill,"
            "uint48 validFrom,uint48 decayTo,uint48 validTo,uint256 nonce,bytes32 terms)"
            "Leg(address token,uint256 start,uint256 end)"
        );
        bytes memory head = abi.encode(typeHash, i.owner, i.receiver, plainLegs(i.gives), plainLegs(i.wants));
        bytes memory middle = abi.encode(
            keccak256(bytes(i.kind == SELL ? "sell" : "buy")), keccak256(bytes(i.fill == WHOLE ? "whole" : "partial"))
        );
        bytes memory tail = abi.encode(i.minFill, i.validFrom, i.decayTo, i.validTo, i.nonce, i.terms);
        return keccak256(abi.encodePacked(head, middle, tail));
    }

    function plainLegs(Leg[] memory list) private pure returns (bytes32) {
        bytes memory hashes;
        for (uint256 k; k < list.length; ++k) {
            bytes32 typeHash = keccak256("Leg(address token,uint256 start,uint256 end)");
            hashes = abi.encodePacked(hashes, keccak256(abi.encode(typeHash, list[k])));
        }
        return keccak256(hashes);
    }

    /// @dev No more legs than an intent may have.
    function _cut(Intent memory i) private pure {
        (Leg[] memory gives, Leg[] memory wants) = (i.gives, i.wants);
        assembly ("memory-safe") {
            if gt(mload(gives), 8) { mstore(gives, 8) }
            if gt(mload(wants), 8) { mstore(wants, 8) }
        }
    }

    function testFuzz_hash(Intent memory i) public view {
        i.kind %= 2;
        i.fill %= 2;
        _cut(i);
        eq(math.structHash(i), plainHash(i), "struct hash");
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", settlement.domainSeparator(), plainHash(i)));
        eq(settlement.intentDigest(i), digest, "digest");
    }
}
