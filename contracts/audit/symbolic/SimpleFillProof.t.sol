// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Flow} from "../../src/Flow.sol";
import {SimpleFill, Simple} from "../../src/SimpleFill.sol";
import {BUY, Entry, Intent, Outcome, Probe, SELL} from "../../src/Types.sol";
import {Case, SymbolicFillMath} from "./FillMathHarness.sol";

/// @dev What the short way computes. `_simpleAmounts` is private in src; halmos.py compiles a copy in which it is not.
contract SymbolicSimpleFill is SimpleFill {
    struct Fixed {
        uint256 give;
        uint256 want;
        uint256 fee;
        uint256 validFrom;
        uint256 validTo;
        uint256 givePrice;
        uint256 wantPrice;
        bool buys;
        bool up;
    }

    function amounts(Fixed memory f) external view returns (bool good, uint256 give, uint256 want) {
        Simple memory s = _newSimple();
        (s.validFrom, s.validTo) = (f.validFrom, f.validTo);
        Flow memory gives;
        Flow memory wants;
        (gives.price, wants.price) = (f.givePrice, f.wantPrice);
        uint256 flags = (f.buys ? 1 : 0) | (f.up ? 0x40 : 0);
        uint256 givesAt;
        uint256 wantsAt;
        assembly ("memory-safe") {
            givesAt := gives
            wantsAt := wants
        }
        (give, want) = _simpleAmounts(s, flags, givesAt, wantsAt, f.give, f.want, f.fee);
        good = give != 0;
    }

    function settle(Entry[] calldata) external pure returns (Outcome[] memory outcomes) {}
    function preview(Entry[] calldata, Probe[] calldata) external pure {}
    function execute(bytes calldata, address) external pure {}
    function intentDigest(Intent calldata) external pure returns (bytes32) {}
}

/// @dev What the short way settles, FillMath settles with the same amounts; what is larger than an amount or outside its
///      time the short way does not settle. Prices are between 1 and 2^128-1, as Packed checks.
contract SimpleFillProof {
    SymbolicSimpleFill private simple;
    SymbolicFillMath private math;

    function setUp() public {
        simple = new SymbolicSimpleFill();
        math = new SymbolicFillMath();
    }

    function check_simple_sell_is_what_fill_math_says(
        uint128 give,
        uint128 want,
        uint128 fee,
        uint128 givePrice,
        uint128 wantPrice,
        bool up
    ) external view {
        if (givePrice == 0 || wantPrice == 0) return;
        _same(SymbolicSimpleFill.Fixed(give, want, fee, 0, type(uint48).max, givePrice, wantPrice, false, up));
    }

    function check_simple_buy_is_what_fill_math_says(
        uint128 give,
        uint128 want,
        uint128 fee,
        uint128 givePrice,
        uint128 wantPrice,
        bool up
    ) external view {
        if (givePrice == 0 || wantPrice == 0) return;
        _same(SymbolicSimpleFill.Fixed(give, want, fee, 0, type(uint48).max, givePrice, wantPrice, true, up));
    }

    /// @dev Nothing out of its window, of no amount, above 2^128 or with a time above the signed type's is good.
    function check_simple_fills_are_in_their_window(
        uint256 give,
        uint256 want,
        uint256 fee,
        uint256 from,
        uint256 to,
        bool buys
    ) external view {
        (bool good,,) = simple.amounts(SymbolicSimpleFill.Fixed(give, want, fee, from, to, 1, 1, buys, false));
        if (!good) return;
        assert(give != 0 && want != 0 && give >> 128 == 0 && want >> 128 == 0 && fee >> 128 == 0);
        assert(from <= block.timestamp && block.timestamp <= to && to >> 48 == 0);
    }

    function check_canary_simple_fills_never_round_up(uint8 givePrice, uint8 wantPrice) external view {
        SymbolicSimpleFill.Fixed memory f =
            SymbolicSimpleFill.Fixed(1e9, 1, 0, 0, type(uint48).max, givePrice, wantPrice, false, true);
        if (givePrice == 0 || wantPrice == 0) return;
        (bool good,, uint256 want) = simple.amounts(f);
        if (good) assert(want * wantPrice <= 1e9 * uint256(givePrice));
    }

    function _same(SymbolicSimpleFill.Fixed memory f) private view {
        (bool good, uint256 give, uint256 want) = simple.amounts(f);
        if (!good) return;
        Case memory c;
        (c.kind, c.legs, c.executed) = (f.buys ? BUY : SELL, 1, f.buys ? f.want : f.give);
        (c.fee, c.roundUp) = (f.fee, f.up ? 1 : 0);
        (c.gives[0], c.wants[0], c.givePrices[0], c.wantPrices[0]) = (f.give, f.want, f.givePrice, f.wantPrice);
        try math.amounts(c) returns (uint256[2] memory gives, uint256[2] memory wants) {
            assert(gives[0] == give && wants[0] == want);
        } catch {
            assert(false);
        }
    }
}
