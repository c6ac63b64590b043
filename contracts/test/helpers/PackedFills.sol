// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Types.sol";
import {PackedBase} from "./PackedBase.sol";
import {Seen} from "./PackedOpen.sol";
import {Packer} from "./Packer.sol";

/// @dev The least fill there is, and what it must come back as.
abstract contract PackedFills is PackedBase {
    address internal constant OWNER = address(0xa1);

    /// @dev The least that a fill says: 5 of the first token for 6 of the second until second 255.
    function least() internal pure returns (Fill memory f) {
        Intent memory i = f.intent;
        (i.owner, i.gives, i.wants) = (OWNER, new Leg[](1), new Leg[](1));
        (i.gives[0], i.wants[0]) = (Leg(address(0x10), 5, 5), Leg(address(0x20), 6, 6));
        (i.minFill, i.validTo) = (5, 255);
        (f.executed, f.signature) = (5, new bytes(64));
        f.signature[63] = 0x99;
        (f.giveTokens, f.wantTokens) = (new uint8[](1), new uint8[](1));
        f.wantTokens[0] = 1;
    }

    /// @dev least() by hand, with other flags, something between legs and validTo, and something after the place.
    function raw(uint16 flags, bytes memory afterOwner, bytes memory afterLegs, bytes memory afterPlace)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(
            flags, OWNER, afterOwner, hex"000105", hex"010106", afterLegs, hex"01ff", hex"00", hex"00", afterPlace
        );
    }

    function tail() internal pure returns (bytes memory) {
        return abi.encodePacked(hex"00", new bytes(64));
    }

    function same(Fill memory f) internal view returns (bytes memory data) {
        data = Packer.packFill(f);
        check(packed.fill(data), f, data.length);
    }

    function check(Seen memory seen, Fill memory f, uint256 length) internal view {
        eq(seen.length, length, "all of it is read");
        eq(seen.intent, math.structHash(f.intent), "intent");
        eq(seen.executed, f.executed, "executed");
        eq(seen.fee, f.fee, "fee");
        eq(seen.roundUp, f.roundUp, "round up");
        eq(seen.scheme, f.scheme, "scheme");
        eq(seen.signature, f.signature, "signature");
        eq(seen.terms, f.terms, "terms");
        eq(seen.giveTokens.length, f.giveTokens.length, "gives");
        for (uint256 k; k < f.giveTokens.length; ++k) {
            eq(seen.giveTokens[k], f.giveTokens[k], "give");
        }
        eq(seen.wantTokens.length, f.wantTokens.length, "wants");
        for (uint256 k; k < f.wantTokens.length; ++k) {
            eq(seen.wantTokens[k], f.wantTokens[k], "want");
        }
    }

    function refuses(bytes memory data, uint256 offset) internal {
        vm.expectRevert(malformed(offset));
        packed.fill(data);
    }
}
