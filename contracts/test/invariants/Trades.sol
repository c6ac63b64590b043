// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FeeShare, Hook, Node, TIME, Terms} from "../../src/Terms.sol";
import "../../src/Types.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {World} from "../helpers/World.sol";

/// @dev A source of random numbers.
struct Dice {
    uint256 state;
}

/// @dev A contract that owns tokens and takes any signature for its own.
contract YesMan {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return this.isValidSignature.selector;
    }

    receive() external payable {}
}

/// @dev Random intents, and fills of them, that are good at given prices and at the present time: every feature now and
///      then, with limits between two and ten percent away.
abstract contract Trades is World {
    uint256 internal constant TRADERS = 6;
    /// @dev The last of the traders is a contract.
    uint256 internal constant CONTRACT_TRADER = TRADERS - 1;
    uint256 internal constant FIRST_KEY = 0x7ade40;
    uint256 internal constant RICH = 1e32;
    address internal constant SHARER = address(0x5a4e4);

    address[] internal traders;
    uint256 internal clock;
    uint256 private _places;

    function setUp() public virtual override {
        super.setUp();
        clock = NOW;
        for (uint256 i; i < TRADERS; ++i) {
            traders.push(i == CONTRACT_TRADER ? address(new YesMan()) : vm.addr(FIRST_KEY + i));
            _endow(traders[i]);
        }
    }

    function _endow(address who) private {
        for (uint256 t; t < tokens.length; ++t) {
            mint(tokens[t], who, 2 * RICH);
            vm.prank(who);
            TestToken(tokens[t]).approve(address(vault), type(uint256).max);
            vm.prank(who);
            vault.deposit(tokens[t], RICH, who);
        }
    }

    // --- chance

    function roll(Dice memory d, uint256 low, uint256 high) internal pure returns (uint256) {
        d.state = uint256(keccak256(abi.encode(d.state)));
        return within(d.state, low, high);
    }

    function oneIn(Dice memory d, uint256 n) internal pure returns (bool) {
        return roll(d, 1, n) == 1;
    }

    function randomPrices(Dice memory d) internal view returns (uint256[] memory prices) {
        prices = new uint256[](tokens.length);
        for (uint256 t; t < prices.length; ++t) {
            prices[t] = roll(d, 1e6, 1e8);
        }
    }

    // --- intents

    /// @dev Of up to two gives and two wants, not signed yet. `Fill.executed` is all of it, or some.
    function randomFill(Dice memory d, uint256[] memory prices, uint256 trader) internal returns (Fill memory f) {
        Intent memory i = f.intent;
        (i.owner, i.nonce) = (traders[trader], settlement.epochOf(traders[trader]) << 192 | _place(d));
        if (oneIn(d, 3)) i.receiver = address(uint160(0x1000 + trader));
        i.kind = oneIn(d, 2) ? BUY : SELL;
        _setTimes(d, i);
        _pickTokens(d, f);
        _setAmounts(d, prices, f);
        if (oneIn(d, 4)) f.roundUp = roll(d, 0, 2 ** (i.kind == SELL ? i.wants : i.gives).length - 1);
    }

    /// @dev Most nonces are among the first 192 of their epoch; some in later words.
    function _place(Dice memory d) private returns (uint256) {
        return oneIn(d, 4) ? roll(d, 2, 1e6) << 160 | ++_places : ++_places;
    }

    function _setTimes(Dice memory d, Intent memory i) private view {
        i.validTo = uint48(clock + roll(d, 20 minutes, 3 hours));
        if (oneIn(d, 2)) i.validFrom = uint48(clock - roll(d, 0, 1 hours));
        i.decayTo = i.validFrom;
        if (i.validFrom != 0 && i.validFrom < clock && oneIn(d, 2)) i.decayTo = uint48(2 * clock - i.validFrom);
        if (i.decayTo > i.validTo) i.decayTo = i.validFrom;
    }

    function _pickTokens(Dice memory d, Fill memory f) private view {
        Intent memory i = f.intent;
        uint256 first = roll(d, 0, tokens.length - 1);
        uint256 step = oneIn(d, 2) ? 1 : tokens.length - 1;
        i.gives = new Leg[](oneIn(d, 4) ? 2 : 1);
        i.wants = new Leg[](oneIn(d, 4) ? 2 : 1);
        f.giveTokens = new uint8[](i.gives.length);
        f.wantTokens = new uint8[](i.wants.length);
        for (uint256 j; j < i.gives.length + i.wants.length; ++j) {
            uint256 t = (first + j * step) % tokens.length;
            if (j < i.gives.length) {
                (i.gives[j].token, f.giveTokens[j]) = (tokens[t], uint8(t));
            } else {
                bool native = tokens[t] == address(weth) && oneIn(d, 2);
                uint256 k = j - i.gives.length;
                (i.wants[k].token, f.wantTokens[k]) = (native ? NATIVE : tokens[t], uint8(t));
            }
        }
    }

    function _setAmounts(Dice memory d, uint256[] memory prices, Fill memory f) private pure {
        Intent memory i = f.intent;
        bool sells = i.kind == SELL;
        (Leg[] memory fixedLegs, uint8[] memory fixedTokens) = sells ? (i.gives, f.giveTokens) : (i.wants, f.wantTokens);
        uint256 value;
        for (uint256 j; j < fixedLegs.length; ++j) {
            uint256 amount = roll(d, 1e12, 1e24);
            (fixedLegs[j].start, fixedLegs[j].end) = (amount, amount);
            value += amount * prices[fixedTokens[j]];
        }
        uint256 slack = roll(d, 2, 10);
        (Leg[] memory moving, uint8[] memory movingTokens) = sells ? (i.wants, f.wantTokens) : (i.gives, f.giveTokens);
        uint256 part = moving.length == 1 ? 100 : roll(d, 10, 90);
        for (uint256 j; j < moving.length; ++j) {
            uint256 limit = value * (j == 0 ? part : 100 - part) / 100 / prices[movingTokens[j]];
            limit = sells ? limit * (100 - slack) / 100 : limit * (100 + slack) / 100;
            // At the present time, half way, the bound is the limit.
            uint256 drift = i.decayTo == i.validFrom ? 0 : limit / 10;
            (moving[j].start, moving[j].end) = sells ? (limit + drift, limit - drift) : (limit - drift, limit + drift);
        }
        uint256 whole = fixedLegs[0].start;
        (i.minFill, f.executed) = (whole, whole);
        if (oneIn(d, 2)) {
            (i.fill, i.minFill) = (PARTIAL, roll(d, 1, whole / 10));
            f.executed = roll(d, whole / 10, whole);
        }
        if (oneIn(d, 2)) f.fee = giveBound(f) / roll(d, 1000, 5000);
    }

    /// @dev About what the fill takes of the first give.
    function giveBound(Fill memory f) internal pure returns (uint256) {
        Intent memory i = f.intent;
        return i.gives[0].end * f.executed / (i.kind == SELL ? i.gives : i.wants)[0].start;
    }

    // --- terms

    /// @dev Adds a condition that holds, a fee share, exclusivity for the solver, and the hooks.
    function addTerms(Dice memory d, Fill memory f, Hook[] memory before, Hook[] memory afterwards) internal view {
        Terms memory t;
        (t.before, t.afterwards) = (before, afterwards);
        if (oneIn(d, 2)) {
            t.condition = new Node[](1);
            t.condition[0] = Node(TIME, 4, address(0), NOW - 1, "");
        }
        if (oneIn(d, 2)) {
            t.shares = new FeeShare[](1);
            t.shares[0] = FeeShare(SHARER, uint16(roll(d, 1, 20)));
            f.fee += giveBound(f) * t.shares[0].bps / 10_000 + 1;
        }
        if (oneIn(d, 3)) (t.exclusiveSolver, t.exclusiveUntil) = (solver, uint48(clock + 1 days));
        f.terms = abi.encode(t);
        f.intent.terms = keccak256(f.terms);
    }

    // --- signatures

    /// @dev Signs in any way that the trader has.
    function signAny(Dice memory d, Fill memory f, uint256 trader) internal {
        bytes32 uid = settlement.intentDigest(f.intent);
        if (oneIn(d, 8)) {
            f.scheme = PRESIGNED;
            vm.prank(traders[trader]);
            settlement.preSign(uid, true);
        } else if (trader == CONTRACT_TRADER) {
            (f.scheme, f.signature) = (ERC1271, abi.encode(d.state));
        } else {
            f.signature = signed(FIRST_KEY + trader, uid);
            if (oneIn(d, 2)) f.signature = compact(f.signature);
        }
    }

    // --- solutions

    /// @dev At `prices`, for the cover to make up for what the traders' own tokens do not.
    function solutionAt(uint256[] memory prices, uint256 fills, uint256 cover)
        internal
        view
        returns (Solution memory s)
    {
        s = solution(fills, 0);
        s.prices = prices;
        for (uint256 t; t < tokens.length; ++t) {
            s.cover[t] = cover;
        }
    }
}
