// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Errors.sol";
import {HookSelectorForbidden} from "../src/TermsErrors.sol";
import {Hook, Terms} from "../src/Terms.sol";
import {ConstantProductPool} from "../src/testing/ConstantProductPool.sol";
import {FillMathHarness} from "../src/testing/FillMathHarness.sol";
import {TestToken} from "../src/testing/TestToken.sol";
import "../src/Types.sol";
import {Market} from "./helpers/Market.sol";
import {Venue} from "./helpers/Venue.sol";
import {Wallet} from "./helpers/Wallets.sol";

/// @title What went wrong elsewhere, as properties: rounding, allowances, signatures
/// @dev Properties for each lesson of real incidents with settlement contracts; its number is in their names.
contract Lessons1To5Test is Market {
    FillMathHarness private math;

    function setUp() public override {
        super.setUp();
        math = FillMathHarness(deploy("FillMathHarness", ""));
    }

    function list(uint256 x) private pure returns (uint256[] memory l) {
        l = new uint256[](1);
        l[0] = x;
    }

    // --- 1. Rounding favours the trader, there is no fill for nothing, and splitting a fill pays nobody else.

    function testFuzz_lesson_1_no_split_costs_the_trader(uint256 give, uint256 want, uint256[4] memory parts, uint8 up)
        public
    {
        give = within(give, 2, 1e30);
        want = within(want, 1, 1e30);
        Intent memory i = partially(sell(ALICE, a, give, b, want), 1);
        (uint256 paid, uint256 got) = (0, 0);
        for (uint256 k; k < 4 && paid < give; ++k) {
            uint256 part = k == 3 ? give - paid : within(parts[k], 1, give - paid);
            uint256 minimum = (part * want + give - 1) / give;
            try math.amounts(i, NOW, part, 0, (up >> k) & 1, list(want), list(give)) returns (
                uint256[] memory gives, uint256[] memory wants
            ) {
                eq(gives[0], part, "pays what is executed");
                yes(wants[0] != 0, "gets something for something");
                yes(wants[0] >= minimum, "gets at least its part of what was signed");
                yes(wants[0] * give >= want * gives[0], "at no worse than the signed price");
                (paid, got) = (paid + gives[0], got + wants[0]);
            } catch {
                break; // refused is as good: nothing moved
            }
        }
        yes(got * give >= want * paid, "all parts together at no worse than the signed price");
    }

    function test_lesson_1_nothing_for_something_is_refused() public {
        fund(ALICE, a, 10);
        fund(BOB, b, 10);
        Intent memory i = partially(sell(ALICE, a, 10, b, 1), 1);
        Solution memory s = solution(2, 0);
        price(s, b, 10);
        s.fills[0] = fill(ALICE, i, 9, 0);
        s.fills[1] = fill(BOB, partially(sell(BOB, b, 10, a, 1), 1), 1, 0);
        mustFail(s, abi.encodeWithSelector(ZeroLeg.selector, 0));
        eq(balance(a, vm.addr(ALICE)), 10, "alice");
    }

    // --- 2. No allowance of settlement or executor survives.

    function test_lesson_2_no_allowance_survives() public {
        ConstantProductPool p = pool(a, 1000 * ONE, b, 1000 * ONE);
        fund(ALICE, a, 10 * ONE);
        Solution memory s = solution(1, 1);
        s.interactions[0] = swap(p, a, 10 * ONE);
        s.interactions[0].allowances = new Allowance[](3);
        s.interactions[0].allowances[0] = Allowance(a, address(p), 100 * ONE); // more than it takes
        s.interactions[0].allowances[1] = Allowance(b, address(p), type(uint256).max);
        s.interactions[0].allowances[2] = Allowance(a, address(0xbad), ONE); // someone who does nothing now
        price(s, a, s.interactions[0].outputs[0].amount);
        price(s, b, 10 * ONE);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 9 * ONE));
        mustSettle(s);
        address[3] memory spenders = [address(p), address(0xbad), address(vault)];
        for (uint256 t; t < tokens.length; ++t) {
            for (uint256 k; k < 3; ++k) {
                eq(TestToken(tokens[t]).allowance(address(executor), spenders[k]), 0, "of the executor");
                eq(TestToken(tokens[t]).allowance(address(settlement), spenders[k]), 0, "of the settlement");
            }
        }
    }

    // --- 3. Interactions and hooks never move others' tokens, even approved to the wrong contract by mistake.

    function test_lesson_3_mistaken_approvals_are_out_of_reach() public {
        address alice = fund(ALICE, a, ONE);
        TestToken other = token("OTHER", 18);
        mint(address(other), alice, ONE);
        address[3] memory mistaken = [address(executor), address(settlement), address(runner)];
        for (uint256 k; k < 3; ++k) {
            approve(alice, a, mistaken[k], ONE);
            approve(alice, address(other), mistaken[k], ONE);
        }
        bytes memory take = abi.encodeCall(other.transferFrom, (alice, address(0xbad), ONE));
        reaches(a, take, abi.encodeWithSelector(ForbiddenTarget.selector, a));
        reaches(
            address(other),
            take,
            abi.encodeWithSelector(ForbiddenSelector.selector, address(other), other.transferFrom.selector)
        );
        Move[] memory moves = new Move[](1);
        moves[0] = Move(a, uint160(alice), 0xbad, ONE);
        bytes memory pull = abi.encodeCall(vault.pull, (moves));
        reaches(address(vault), pull, abi.encodeWithSelector(ForbiddenTarget.selector, address(vault)));
        hooks(address(other), take, alice);
        eq(balance(a, alice) + balance(address(other), alice), 2 * ONE, "alice has hers");
    }

    function reaches(address target, bytes memory data, bytes memory reason) private {
        Solution memory s = solution(0, 1);
        (s.interactions[0].target, s.interactions[0].data) = (target, data);
        mustFailNow(s, reason);
    }

    function hooks(address target, bytes memory data, address alice) private {
        Terms memory terms;
        terms.before = new Hook[](1);
        terms.before[0] = Hook(target, 100_000, true, data);
        Solution memory s = barterUnfunded(ONE);
        fund(BOB, b, ONE);
        s.fills[1].terms = abi.encode(terms);
        s.fills[1].intent.terms = keccak256(s.fills[1].terms);
        sign(BOB, s.fills[1]);
        mustFailNow(s, abi.encodeWithSelector(HookSelectorForbidden.selector, target, bytes4(data)));
        eq(balance(b, alice), 0, "nothing happened");
    }

    /// @dev A venue that traders never approved, called by the executor, can only take what the executor allowed it.
    function test_lesson_3_a_venue_takes_only_what_it_was_allowed() public {
        Venue venue = new Venue();
        address alice = fund(ALICE, a, ONE);
        approve(alice, a, address(executor), ONE);
        reaches(
            address(venue),
            abi.encodeCall(venue.takeFrom, (a, alice, ONE)),
            abi.encodeWithSelector(InteractionFailed.selector, 0, abi.encodeWithSignature("InsufficientAllowance()"))
        );
        eq(balance(a, alice), ONE, "alice");
    }

    // --- 4. A recovery that fails recovers nobody.

    function testFuzz_lesson_4_no_made_up_signature_moves_anything(bytes32 r, uint256 s, uint8 v, bool zero) public {
        Solution memory t = barter(ONE);
        if (zero) t.fills[0].intent.owner = address(0);
        t.fills[0].signature = abi.encodePacked(r, s, v);
        yes(!tryAgain(t).settled, "long");
        t.fills[0].signature = abi.encodePacked(r, s);
        yes(!tryAgain(t).settled, "short");
        eq(balance(a, vm.addr(ALICE)), ONE, "alice");
        eq(balance(b, vm.addr(BOB)), ONE, "bob");
    }

    function testFuzz_lesson_4_nor_makes_an_award(bytes32 r, uint256 s, uint8 v) public {
        Entry memory e = entry(barter(ONE));
        e.award.signature = abi.encodePacked(r, s, v);
        vm.prank(house);
        (bool ok,) = address(settlement).call(abi.encodeCall(settlement.settle, (bundle(e))));
        yes(!ok, "settled");
    }

    // --- 5. A contract's signature needs a contract, the exact word, and a whole one.

    function test_lesson_5_no_contract_no_signature() public {
        address alice = vm.addr(ALICE);
        Solution memory s = barter(ONE);
        s.fills[0].scheme = ERC1271;
        mustFail(s, abi.encodeWithSelector(SignerWithoutCode.selector, alice));
        Wallet.Way[6] memory ways = [
            Wallet.Way.Wrong,
            Wallet.Way.One,
            Wallet.Way.DirtyBelow,
            Wallet.Way.Short,
            Wallet.Way.Nothing,
            Wallet.Way.RevertRight
        ];
        for (uint256 k; k < 6; ++k) {
            address wallet = address(new Wallet(ways[k]));
            mint(a, wallet, ONE);
            approve(wallet, a, address(vault), ONE);
            s.fills[0].intent.owner = wallet;
            mustFailNow(s, abi.encodeWithSelector(SignatureRefused.selector, wallet));
            eq(balance(a, wallet), ONE, "its token stays");
        }
    }
}
