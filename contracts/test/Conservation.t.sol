// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Types.sol";
import {World} from "./helpers/World.sol";

/// @dev Random batches: whatever is traded at whatever prices, every limit holds and no atom appears or gets lost.
contract ConservationTest is World {
    uint256 private constant FILLS = 6;
    uint256 private constant BIG = 1e30;

    function setUp() public override {
        super.setUp();
        for (uint256 t; t < tokens.length; ++t) {
            deposit(solver, tokens[t], BIG);
            for (uint256 i; i < FILLS; ++i) {
                address who = fund(ALICE + i, tokens[t], BIG);
                if (i % 2 == 0) continue;
                vm.prank(who);
                vault.deposit(tokens[t], BIG, who);
            }
        }
        // Every other trader keeps its funds in the vault.
        for (uint256 i = 1; i < FILLS; i += 2) {
            vm.prank(vm.addr(ALICE + i));
            settlement.keepInVault(true);
        }
    }

    /// @dev In wallet and vault.
    function held(address token_, address who) private view returns (uint256) {
        return balance(token_, who) + vault.balanceOf(who, token_);
    }

    function random(uint256 seed, uint256 i, string memory what, uint256 low, uint256 high)
        private
        pure
        returns (uint256)
    {
        return within(uint256(keccak256(abi.encode(seed, i, what))), low, high);
    }

    /// @dev A trade at the solution's prices, with up to a tenth of slack in the limit and sometimes a fee.
    function makeFill(Solution memory s, uint256 seed, uint256 i) private returns (Fill memory made) {
        uint256 g = random(seed, i, "give", 0, tokens.length - 1);
        uint256 w = (g + random(seed, i, "want", 1, tokens.length - 1)) % tokens.length;
        uint256 give = random(seed, i, "amount", 1e12, 1e24);
        uint256 worth = give * s.prices[g] / s.prices[w];
        bool native = tokens[w] == address(weth) && random(seed, i, "native", 0, 1) == 1;
        address want = native ? NATIVE : tokens[w];
        Intent memory intent;
        uint256 fee = random(seed, i, "fee", 0, 3) == 0 ? give / 1000 : 0;
        if (random(seed, i, "kind", 0, 1) == 0) {
            intent = sell(ALICE + i, tokens[g], give, want, worth - worth / random(seed, i, "slack", 10, 100));
        } else {
            intent = buy(ALICE + i, tokens[g], give + give / random(seed, i, "slack", 10, 100), want, worth);
        }
        intent.receiver = address(uint160(0x1000 + i));
        uint256 executed = intent.kind == SELL ? give : worth;
        if (random(seed, i, "partial", 0, 2) == 0) {
            partially(intent, 1);
            executed = random(seed, i, "executed", executed / 2, executed);
        }
        made = fill(ALICE + i, intent, executed, fee);
        made.roundUp = random(seed, i, "round", 0, 1);
    }

    function testFuzz_conservation(uint256 seed) public {
        Solution memory s = solution(FILLS, 0);
        uint256[] memory before = new uint256[](tokens.length);
        for (uint256 t; t < tokens.length; ++t) {
            s.prices[t] = random(seed, t, "price", 1e6, 1e8);
            s.cover[t] = BIG;
            before[t] = everything(tokens[t]);
        }
        for (uint256 i; i < FILLS; ++i) {
            s.fills[i] = makeFill(s, seed, i);
        }
        mustSettle(s);
        for (uint256 t; t < tokens.length; ++t) {
            eq(everything(tokens[t]), before[t], "no atom appears or gets lost");
            eq(vault.totalHeld(tokens[t]), balance(tokens[t], address(vault)), "vault is exact");
            checkGap(s, t);
        }
        for (uint256 i; i < FILLS; ++i) {
            checkLimits(s.fills[i]);
        }
    }

    /// @dev The solver's cover pays for what is missing and for no more; the treasury has the fees and what is left
    ///      over.
    function checkGap(Solution memory s, uint256 t) private view {
        uint256 gives;
        uint256 fees;
        uint256 wants;
        for (uint256 i; i < FILLS; ++i) {
            Intent memory intent = s.fills[i].intent;
            gives += BIG - held(tokens[t], intent.owner);
            wants += balance(tokens[t], intent.receiver);
            if (tokens[t] == address(weth)) wants += intent.receiver.balance;
            if (index(intent.gives[0].token) == t) fees += s.fills[i].fee;
        }
        uint256 gap = wants + fees > gives ? wants + fees - gives : 0;
        eq(BIG - vault.coverOf(solver, tokens[t]), gap, "cover pays the gap");
        eq(balance(tokens[t], treasury), gives + gap - wants, "the treasury has the rest");
    }

    function checkLimits(Fill memory f) private view {
        Intent memory i = f.intent;
        Leg memory give = i.gives[0];
        Leg memory want = i.wants[0];
        uint256 gave = BIG - held(give.token, i.owner);
        uint256 got = want.token == NATIVE ? i.receiver.balance : balance(want.token, i.receiver);
        if (i.kind == SELL) {
            eq(gave, f.executed, "gives exactly");
            yes(got * give.end >= want.end * f.executed, "wants at least");
        } else {
            eq(got, f.executed, "wants exactly");
            yes(gave * want.end <= give.end * f.executed, "gives at most");
        }
    }

    /// @dev All of a token that this test knows of, native coin counted as wrapped.
    function everything(address token_) private view returns (uint256 sum) {
        sum = balance(token_, treasury) + balance(token_, address(vault)) + balance(token_, address(executor));
        for (uint256 i; i < FILLS; ++i) {
            address receiver = address(uint160(0x1000 + i));
            sum += balance(token_, vm.addr(ALICE + i)) + balance(token_, receiver);
            if (token_ == address(weth)) sum += receiver.balance;
        }
    }
}
