// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Types.sol";
import {Packer} from "../helpers/Packer.sol";
import {Dice} from "../invariants/Trades.sol";
import {ReferenceDecoder} from "./ReferenceDecoder.sol";
import {Twins} from "./Twins.sol";

/// @dev The fill that the settlement has a short way for, in all forms in which somebody might write it: the signature
///      is good for each of them, so that only the form decides. Fee, rounding, prices and time are anything.
contract SimpleDifferentialTest is Twins {
    ReferenceDecoder private decoder;

    function setUp() public override {
        super.setUp();
        decoder = new ReferenceDecoder();
        for (uint256 i; i < 2; ++i) {
            vm.prank(traders[0]);
            settlement.raiseEpoch();
        }
    }

    /// @dev A signed whole intent of the first trader, one leg a side, close to what the solution's prices give.
    function simple(Dice memory d, Solution memory s) private view returns (Fill memory f) {
        Intent memory i = f.intent;
        (i.owner, i.nonce) = (traders[0], 2 << 192 | roll(d, 0, 200));
        i.kind = uint8(roll(d, 0, 1));
        uint256 g = roll(d, 0, 3);
        uint256 w = oneIn(d, 16) ? g : (g + roll(d, 1, 3)) % 4;
        uint256 give = oneIn(d, 3) ? roll(d, 1, 1e7) : roll(d, 1, 1e24);
        uint256 want = give * s.prices[g] / s.prices[w] * (i.kind == SELL ? roll(d, 95, 100) : roll(d, 90, 101)) / 100;
        if (want == 0) want = 1;
        (i.gives, i.wants) = (legs(tokens[g], give), legs(tokens[w], want));
        (f.giveTokens, f.wantTokens) = (new uint8[](1), new uint8[](1));
        (f.giveTokens[0], f.wantTokens[0]) = (uint8(g), uint8(w));
        if (oneIn(d, 2)) i.validFrom = i.decayTo = uint48(clock - 2 + roll(d, 0, 3));
        i.validTo = uint48(oneIn(d, 8) ? clock - 1 + roll(d, 0, 1) : clock + 60);
        i.minFill = f.executed = i.kind == SELL ? give : want;
        if (oneIn(d, 2)) f.fee = oneIn(d, 8) ? roll(d, 0, give + 1) : roll(d, 0, give / 50);
        f.signature = compact(signed(FIRST_KEY, settlement.intentDigest(i)));
        f.roundUp = oneIn(d, 2) ? 0 : oneIn(d, 8) ? roll(d, 0, 255) : 1;
    }

    /// @dev A number with `more` zeros before it, which is no form of it.
    function padded(uint256 value, uint256 more) private pure returns (bytes memory out) {
        bytes memory number = Packer.number(value);
        out = abi.encodePacked(uint8(number.length - 1 + more), new bytes(more), new bytes(number.length - 1));
        for (uint256 i = 1; i < number.length; ++i) {
            out[more + i] = number[i];
        }
    }

    /// @dev `form` zero is the right one.
    function write(Fill memory f, uint256 form) private pure returns (bytes memory) {
        Intent memory i = f.intent;
        uint256[10] memory pad;
        if (form >= 10 && form < 20) pad[form - 10] = 1;
        bool from = i.validFrom != 0 || form == 1;
        bool up = f.roundUp != 0 || form == 2;
        uint16 flags = (i.kind == BUY ? 1 : 0) | (from ? 8 : 0) | (up ? 64 : 0);
        (uint256 epoch, uint256 place) = (i.nonce >> 192, i.nonce & type(uint192).max);
        if (form == 3) (epoch, place) = (0, i.nonce);
        if (form == 4) epoch += 1 << 64;
        if (form == 5) place += 1 << 192;
        bytes memory head = abi.encodePacked(
            flags,
            i.owner,
            f.giveTokens[0],
            padded(i.gives[0].start, pad[0]),
            f.wantTokens[0],
            padded(i.wants[0].start, pad[1])
        );
        if (from) head = abi.encodePacked(head, padded(i.validFrom, pad[2]));
        head = abi.encodePacked(
            head, padded(i.validTo, pad[3]), padded(epoch, pad[4]), padded(place, pad[5]), padded(f.fee, pad[6])
        );
        if (up) head = abi.encodePacked(head, uint8(f.roundUp));
        return abi.encodePacked(head, f.signature);
    }

    function wrap(Solution memory s, bytes memory fill_) private view returns (bytes memory out) {
        out = abi.encodePacked(uint8(1), uint8(tokens.length));
        for (uint256 t; t < tokens.length; ++t) {
            out = abi.encodePacked(out, tokens[t], Packer.number(s.prices[t]), Packer.number(s.cover[t]));
        }
        return abi.encodePacked(out, uint16(1), fill_, uint8(0));
    }

    /// @return settled By both.
    function run(uint256 seed, uint256 form) private returns (bool settled) {
        Dice memory d = Dice(seed);
        Solution memory s = solutionAt(randomPrices(d), 1, 1e30);
        s.fills[0] = simple(d, s);
        if (oneIn(d, 2)) {
            vm.prank(traders[0]);
            settlement.keepInVault(true);
        }
        bytes memory data = wrap(s, write(s.fills[0], form));
        if (form == 0) eq(data, Packer.pack(s), "the form");
        Trial memory one = trialAlone(data, false);
        try decoder.decode(data) returns (Solution memory read) {
            Trial memory other = trialAlone(abi.encode(read), true);
            if (one.ok != other.ok) revert NotEqualBytes("one fails", one.reason, other.reason);
            eq(one.reason, other.reason, "reason");
            eq(one.state, other.state, "state");
            eq(one.logs, other.logs, "logs");
            return one.ok;
        } catch {
            if (one.ok) revert NotEqualBytes("settled, but malformed", data, "");
        }
    }

    function testFuzz_simple_fills(uint256 seed) public {
        run(seed, 0);
    }

    function testFuzz_simple_fills_in_other_forms(uint256 seed, uint256 form) public {
        run(seed, within(form, 0, 16));
    }

    function test_each_other_form_is_refused() public {
        for (uint256 form = 1; form < 17; ++form) {
            uint256 good;
            for (uint256 seed; seed < 12; ++seed) {
                if (run(seed, form)) ++good;
            }
            // Some are the right form where a member is there anyway, or is not; six to nine change nothing.
            bool mayBeRight = form == 1 || form == 2 || form == 12 || (form > 5 && form < 10);
            yes(mayBeRight || good == 0, "a second form of a fill");
        }
    }

    function test_most_simple_fills_settle() public {
        uint256 good;
        for (uint256 seed; seed < 60; ++seed) {
            if (run(seed, 0)) ++good;
        }
        yes(good > 20, "some settle");
    }
}
