// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "../../src/testing/TestToken.sol";
import {Hook, Terms} from "../../src/Terms.sol";
import "../../src/Types.sol";
import {Law} from "./Ghosts.sol";
import {Judge} from "./Judge.sol";
import {Thief} from "./Thief.sol";
import {Dice} from "./Trades.sol";

/// @dev Everything that anybody does, good and bad, one call at a time. No call may revert: what should be refused is
///      tried and judged by its effects.
abstract contract Handler is Judge {
    uint256 private constant COVER_LIMIT = 1e30;

    modifier counted() {
        ++calls;
        _;
    }

    function _none() internal pure returns (Hook[] memory) {
        return new Hook[](0);
    }

    /// @dev Signed fills of traders next to each other, remembered.
    function _fresh(Dice memory d, uint256 fills, uint256 first) internal returns (Solution memory s) {
        uint256[] memory prices = randomPrices(d);
        s = solutionAt(prices, fills, COVER_LIMIT);
        for (uint256 i; i < fills; ++i) {
            uint256 trader = (first + i) % TRADERS;
            s.fills[i] = randomFill(d, prices, trader);
            if (oneIn(d, 6)) addTerms(d, s.fills[i], _none(), _none());
            signAny(d, s.fills[i], trader);
            _remember(s.fills[i], trader);
        }
    }

    function _remember(Fill memory f, uint256 trader) internal {
        tickets.push(Ticket(abi.encode(f), trader, settlement.intentDigest(f.intent)));
    }

    // --- trades

    function trade(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        play(_fresh(d, roll(d, 1, 3), roll(d, 0, TRADERS - 1)));
    }

    /// @dev Part of what the first fill gives goes through the pool, with an allowance too many.
    function tradeThroughPool(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        Solution memory s;
        address give;
        do {
            s = _fresh(d, roll(d, 1, 2), roll(d, 0, TRADERS - 1));
            give = s.fills[0].intent.gives[0].token;
        } while (give != a && give != b);
        s.interactions = new Interaction[](1);
        s.interactions[0] = swap(liquidity, give, giveBound(s.fills[0]) / roll(d, 2, 9));
        Allowance[] memory more = new Allowance[](2);
        (more[0], more[1]) = (s.interactions[0].allowances[0], Allowance(a, address(thief), 1e18));
        if (give != a) s.interactions[0].allowances = more;
        if (oneIn(d, 3)) _overstate(d, s);
        play(s);
    }

    /// @dev The pool brings less than declared; the cover that is released makes up for it, or does not.
    function _overstate(Dice memory d, Solution memory s) private pure {
        TokenAmount memory out = s.interactions[0].outputs[0];
        out.amount += 1e27;
        s.cover[out.token] = oneIn(d, 2) ? COVER_LIMIT : roll(d, 0, 1e22);
    }

    /// @dev Another part of an intent that has begun, at fresh prices: whatever its limits allow.
    function goOn(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        for (uint256 back = 1; back <= 12 && back <= tickets.length; ++back) {
            Ticket storage ticket = tickets[tickets.length - back];
            Fill memory f = abi.decode(ticket.fill, (Fill));
            uint256 whole = (f.intent.kind == SELL ? f.intent.gives : f.intent.wants)[0].start;
            uint256 filled = ghostFilled[ticket.uid];
            if (f.intent.fill != PARTIAL || filled == 0 || filled == whole) continue;
            uint256 rest = whole - filled;
            f.executed = oneIn(d, 8) ? rest + 1 : oneIn(d, 2) ? rest : roll(d, 1, rest);
            f.fee = giveBound(f) / 500;
            if (f.executed < f.intent.minFill) f.executed = rest;
            Solution memory s = solutionAt(_pricesFor(f, d), 1, COVER_LIMIT);
            s.fills[0] = f;
            play(s);
            return;
        }
        play(_fresh(d, 1, roll(d, 0, TRADERS - 1)));
    }

    /// @dev Prices at which the fill's moving side comes out between its bounds, about.
    function _pricesFor(Fill memory f, Dice memory d) internal view returns (uint256[] memory prices) {
        prices = randomPrices(d);
        Intent memory i = f.intent;
        uint256 give = i.gives[0].end;
        uint256 want = i.wants[0].end;
        if (i.gives.length + i.wants.length > 2) return prices;
        prices[f.giveTokens[0]] = 1e9 * want / give < 1e6 ? want : 1e9;
        prices[f.wantTokens[0]] = 1e9 * want / give < 1e6 ? give : 1e18 / (1e9 * want / give);
        prices[f.giveTokens[0]] = prices[f.giveTokens[0]] * roll(d, 100, 105) / 100;
    }

    /// @dev Two intents with one nonce: the second is tried once the first has filled, at least in part.
    function tradeAlternatives(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        uint256 trader = roll(d, 0, TRADERS - 1);
        uint256[] memory prices = randomPrices(d);
        Solution memory s = solutionAt(prices, 1, COVER_LIMIT);
        Solution memory other = solutionAt(prices, 1, COVER_LIMIT);
        s.fills[0] = randomFill(d, prices, trader);
        other.fills[0] = randomFill(d, prices, trader);
        other.fills[0].intent.nonce = s.fills[0].intent.nonce;
        signAny(d, s.fills[0], trader);
        signAny(d, other.fills[0], trader);
        _remember(s.fills[0], trader);
        play(s);
        play(other);
    }

    /// @dev With hooks that steal what they can, or fail.
    function tradeWithHooks(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        uint256 trader = roll(d, 0, TRADERS - 1);
        uint256[] memory prices = randomPrices(d);
        Solution memory s = solutionAt(prices, 1, COVER_LIMIT);
        s.fills[0] = randomFill(d, prices, trader);
        addTerms(d, s.fills[0], _hooks(d), _hooks(d));
        signAny(d, s.fills[0], trader);
        _remember(s.fills[0], trader);
        play(s);
    }

    function _hooks(Dice memory d) private view returns (Hook[] memory hooks) {
        hooks = new Hook[](roll(d, 0, 2));
        for (uint256 i; i < hooks.length; ++i) {
            address token_ = tokens[roll(d, 0, tokens.length - 1)];
            address victim = traders[oneIn(d, 2) ? 0 : roll(d, 0, TRADERS - 1)];
            bytes memory data = abi.encodeCall(Thief.steal, (roll(d, 0, 9), token_, victim));
            if (oneIn(d, 6)) data = abi.encodeCall(Thief.fail, ());
            hooks[i] = Hook(address(thief), uint32(roll(d, 20_000, 200_000)), oneIn(d, 8), data);
            // Through the approval that one trader gave by mistake.
            if (!oneIn(d, 12)) continue;
            hooks[i].target = token_;
            hooks[i].data = abi.encodeCall(TestToken(token_).transferFrom, (traders[0], address(thief), 1e6));
        }
    }

    /// @dev Two solutions in one bundle, of which the second may be spoilt.
    function tradeInBundle(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        uint256 first = roll(d, 0, TRADERS - 1);
        Solution[] memory solutions = new Solution[](2);
        solutions[0] = _fresh(d, 1, first);
        solutions[1] = _fresh(d, 2, first + 1);
        if (oneIn(d, 2)) solutions[1].cover = new uint256[](tokens.length);
        if (oneIn(d, 2)) (solutions[0], solutions[1]) = (solutions[1], solutions[0]);
        Entry[] memory entries = new Entry[](2);
        entries[0] = award(solutions[0], solver);
        entries[1] = award(solutions[1], rival);
        play(solutions, entries, house);
    }

    /// @dev A solver settles what it was awarded, without the house; then it tries that again.
    function tradeAndReplay(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        address by = oneIn(d, 2) ? solver : rival;
        Solution memory s = _fresh(d, 1, roll(d, 0, TRADERS - 1));
        Entry[] memory entries = bundle(award(s, by));
        play(list(s), entries, by);
        play(list(s), entries, oneIn(d, 2) ? house : by);
        // With another award the fill is still the same.
        play(s);
    }

    // --- what must fail

    /// @dev At prices a fifth worse than the limits allow.
    function tradeOverLimit(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        Solution memory s = _fresh(d, 1, roll(d, 0, TRADERS - 1));
        for (uint256 i; i < s.fills[0].giveTokens.length; ++i) {
            uint256 t = s.fills[0].giveTokens[i];
            s.prices[t] = s.prices[t] * roll(d, 80, 98) / 100;
        }
        play(s);
    }

    function tradeOutOfTime(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        uint256 trader = roll(d, 0, TRADERS - 1);
        uint256[] memory prices = randomPrices(d);
        Solution memory s = solutionAt(prices, 1, COVER_LIMIT);
        s.fills[0] = randomFill(d, prices, trader);
        Intent memory i = s.fills[0].intent;
        (i.validFrom, i.decayTo) = (0, 0);
        for (uint256 j; j < i.gives.length; ++j) {
            i.gives[j].start = i.gives[j].end;
        }
        for (uint256 j; j < i.wants.length; ++j) {
            i.wants[j].start = i.wants[j].end;
        }
        if (oneIn(d, 2)) i.validTo = uint48(clock - roll(d, 1, 1 hours));
        else (i.validFrom, i.decayTo) = (uint48(clock + 1), uint48(clock + 1));
        signAny(d, s.fills[0], trader);
        play(s);
    }

    /// @dev An intent that was changed after it was signed, or that another key signed.
    function tradeUnsigned(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        Solution memory s = _fresh(d, 1, roll(d, 0, CONTRACT_TRADER - 1));
        Intent memory i = s.fills[0].intent;
        uint256 how = roll(d, 0, 4);
        if (how == 0) (i.receiver) = address(thief);
        if (how == 1) i.validTo += 1;
        if (how == 2) i.nonce += 1;
        if (how == 3) i.fill == PARTIAL ? i.minFill += 1 : i.validTo += 2;
        if (how == 4) {
            (s.fills[0].scheme, s.fills[0].signature) = (ECDSA, signed(ALICE, settlement.intentDigest(i)));
        }
        forging = true;
        play(s);
        forging = false;
    }

    /// @dev An award that the house did not sign, or a sender whom it does not concern.
    function tradeWithForeignAward(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        Solution memory s = _fresh(d, 1, roll(d, 0, TRADERS - 1));
        Entry memory e = award(s, solver);
        address sender = solver;
        uint256 how = roll(d, 0, 4);
        if (how == 0) e.award.signature = signed(ALICE, digestOf(e));
        if (how == 1) e.award.round += 1;
        if (how == 2) e.award.gasLimit += 1;
        if (how == 3) sender = rival;
        if (how == 4) e.award.deadline += 1;
        vm.prank(sender);
        try settlement.settle(bundle(e)) returns (Outcome[] memory outcomes) {
            breaks(Law.FOREIGN_AWARD, outcomes[0].settled);
        } catch {
            ++refused;
        }
    }
}
