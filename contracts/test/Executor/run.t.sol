// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {ConstantProductPool} from "../../src/testing/ConstantProductPool.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";
import {Venue} from "../helpers/Venue.sol";

/// @dev What interactions may and may not do, whatever form they come in.
abstract contract RunBase is Market {
    Venue internal venue;

    function setUp() public override {
        super.setUp();
        venue = new Venue();
    }

    function interact(address target, bytes memory data) internal view returns (Solution memory s) {
        s = solution(0, 1);
        s.interactions[0].target = target;
        s.interactions[0].data = data;
    }

    function allowed(address token, address spender, uint256 amount) internal pure returns (Allowance[] memory list) {
        list = new Allowance[](1);
        list[0] = Allowance(token, spender, amount);
    }

    function test_only_for_the_settlement() public {
        vm.expectRevert(abi.encodeWithSelector(OnlySettlement.selector, address(this)));
        executor.run(new Interaction[](0), new address[](0));
        vm.expectRevert(abi.encodeWithSelector(OnlySettlement.selector, address(this)));
        executor.runPacked(hex"00", new address[](0));
    }

    function declaredForAnUnknownToken() internal view returns (Solution memory s) {
        s = interact(address(venue), abi.encodeCall(venue.anything, ()));
        s.interactions[0].inputs = amounts(a, 1);
        s.interactions[0].inputs[0].token = 4;
    }

    function test_plain_call() public {
        mustSettle(interact(address(venue), abi.encodeCall(venue.anything, ())));
    }

    function test_forbidden_targets() public {
        address[10] memory list = [
            address(settlement),
            address(vault),
            address(executor),
            address(registry),
            address(runner),
            a,
            b,
            c,
            address(weth),
            0x000000000022D473030F116dDEE9F6B43aC78BA3
        ];
        for (uint256 k; k < list.length; ++k) {
            Solution memory s = interact(list[k], abi.encodeCall(venue.anything, ()));
            mustFail(s, abi.encodeWithSelector(ForbiddenTarget.selector, list[k]));
        }
    }

    function test_target_without_code() public {
        Solution memory s = interact(address(0xdead), abi.encodeCall(venue.anything, ()));
        mustFail(s, abi.encodeWithSelector(TargetWithoutCode.selector, address(0xdead)));
    }

    function test_forbidden_selectors() public {
        string[25] memory list = [
            "approve(address,uint256)",
            "transfer(address,uint256)",
            "transferFrom(address,address,uint256)",
            "increaseAllowance(address,uint256)",
            "decreaseAllowance(address,uint256)",
            "increaseApproval(address,uint256)",
            "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
            "permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)",
            "permit(address,address,uint256,uint256,bytes)",
            "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)",
            "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)",
            "send(address,uint256,bytes)",
            "operatorSend(address,address,uint256,bytes,bytes)",
            "authorizeOperator(address)",
            "approveAndCall(address,uint256)",
            "approveAndCall(address,uint256,bytes)",
            "transferAndCall(address,uint256)",
            "transferAndCall(address,uint256,bytes)",
            "transferFromAndCall(address,address,uint256)",
            "transferFromAndCall(address,address,uint256,bytes)",
            "setApprovalForAll(address,bool)",
            "safeTransferFrom(address,address,uint256)",
            "safeTransferFrom(address,address,uint256,bytes)",
            "safeTransferFrom(address,address,uint256,uint256,bytes)",
            "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)"
        ];
        for (uint256 k; k < list.length; ++k) {
            bytes4 selector = bytes4(keccak256(bytes(list[k])));
            Solution memory s = interact(address(venue), abi.encodePacked(selector, new bytes(96)));
            mustFail(s, abi.encodeWithSelector(ForbiddenSelector.selector, address(venue), selector));
        }
    }

    function test_call_without_selector() public {
        mustFail(
            interact(address(venue), hex"010203"),
            abi.encodeWithSelector(ForbiddenSelector.selector, address(venue), bytes4(0x01020300))
        );
    }

    /// @dev Even a token that a solution does not list, approved to the executor by mistake, is out of reach.
    function test_tokens_approved_to_the_executor_by_mistake() public {
        TestToken other = token("OTHER", 18);
        address alice = fund(ALICE, address(other), ONE);
        vm.prank(alice);
        other.approve(address(executor), ONE);
        Solution memory s = interact(address(other), abi.encodeCall(other.transferFrom, (alice, address(venue), ONE)));
        mustFail(s, abi.encodeWithSelector(ForbiddenSelector.selector, address(other), other.transferFrom.selector));
    }

    function test_failing_interaction() public {
        Solution memory s = interact(address(venue), abi.encodeCall(venue.refuse, (42)));
        bytes memory inner = abi.encodeWithSelector(Venue.Refused.selector, 42);
        mustFail(s, abi.encodeWithSelector(InteractionFailed.selector, 0, inner));
    }

    function test_long_reasons_are_cut_and_stay_decodable() public {
        Solution memory s = interact(address(venue), abi.encodeCall(venue.refuseAtLength, (100_000)));
        Outcome memory outcome = settle(s);
        yes(!outcome.settled, "failed");
        eq(bytes4(outcome.reason), InteractionFailed.selector, "selector");
        eq(outcome.reason.length, 4 + 3 * 32 + 128, "128 bytes of the reason");
    }

    function test_spender_must_not_be_the_house() public {
        address[6] memory list = [
            address(settlement),
            address(vault),
            address(executor),
            address(registry),
            address(runner),
            0x000000000022D473030F116dDEE9F6B43aC78BA3
        ];
        for (uint256 k; k < list.length; ++k) {
            Solution memory s = interact(address(venue), abi.encodeCall(venue.anything, ()));
            s.interactions[0].allowances = allowed(a, list[k], 1);
            mustFail(s, abi.encodeWithSelector(ForbiddenSpender.selector, list[k]));
        }
    }

    function test_allowance_that_the_token_refuses() public {
        Solution memory s = interact(address(venue), abi.encodeCall(venue.anything, ()));
        s.tokens[0] = address(1); // no code, no approval
        s.interactions[0].allowances = allowed(address(1), address(venue), 5);
        mustFail(s, abi.encodeWithSelector(ApprovalFailed.selector, address(1), address(venue), 5));
    }

    function test_no_allowance_survives() public {
        Solution memory s = interact(address(venue), abi.encodeCall(venue.anything, ()));
        s.interactions[0].allowances = allowed(a, address(venue), 100 * ONE);
        mustSettle(s);
        eq(TestToken(a).allowance(address(executor), address(venue)), 0, "allowance");
    }

    function test_declared_inputs_beyond_what_payers_give() public {
        ConstantProductPool p = pool(a, 1000 * ONE, b, 2000 * ONE);
        fund(ALICE, a, 10 * ONE);
        Solution memory s = solution(1, 1);
        s.interactions[0] = swap(p, a, 11 * ONE);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 10 * ONE));
        mustFail(s, abi.encodeWithSelector(NotConserved.selector, a, 10 * ONE, 11 * ONE));
    }

    function test_declared_amounts_must_be_in_range() public {
        Solution memory s = interact(address(venue), abi.encodeCall(venue.anything, ()));
        s.interactions[0].inputs = amounts(a, uint256(type(uint128).max) + 1);
        mustFail(s, abi.encodeWithSelector(AmountTooLarge.selector, uint256(type(uint128).max) + 1));
    }

    /// @dev A venue that keeps what it was allowed to take and pays nothing costs the solver, not the traders.
    function test_a_thieving_venue_is_paid_for_by_the_solver() public {
        fund(ALICE, a, 10 * ONE);
        deposit(solver, b, 10 * ONE);
        Solution memory s = solution(1, 1);
        s.interactions[0].target = address(venue);
        s.interactions[0].data = abi.encodeCall(venue.takeFrom, (a, address(executor), 10 * ONE));
        s.interactions[0].allowances = allowed(a, address(venue), 10 * ONE);
        s.interactions[0].inputs = amounts(a, 10 * ONE);
        s.interactions[0].outputs = amounts(b, 10 * ONE);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 10 * ONE));
        mustFail(s, abi.encodeWithSelector(CoverExceeded.selector, b, 10 * ONE, 0));
        s.cover[index(b)] = 10 * ONE;
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), 10 * ONE, "alice");
        eq(vault.coverOf(solver, b), 0, "solver");
    }

    function test_nothing_can_be_taken_from_the_vaults_users() public {
        address alice = fund(ALICE, a, ONE);
        Solution memory s = interact(address(venue), abi.encodeCall(venue.takeFrom, (a, alice, ONE)));
        yes(!settle(s).settled, "settled");
        eq(balance(a, alice), ONE, "alice");
    }
}

/// @dev Packed, as they are settled.
contract RunPackedTest is RunBase {
    function test_declared_tokens_must_be_listed() public {
        bytes memory encoded = encode(declaredForAnUnknownToken());
        // The index is followed by the amount and the count of outputs, which end the solution.
        uint256 at = encoded.length - 4;
        mustFailBytes(encoded, abi.encodeWithSelector(SolutionMalformed.selector, START + at));
    }

    /// @dev Several calls with several allowances each: what one leaves behind does not shift the next.
    function test_many_calls() public {
        Solution memory s = solution(0, 3);
        for (uint256 k; k < 3; ++k) {
            s.interactions[k].target = address(venue);
            s.interactions[k].data = abi.encodePacked(abi.encodeCall(venue.anything, ()), new bytes(k * 33));
            s.interactions[k].allowances = new Allowance[](k + 1);
            for (uint256 j; j <= k; ++j) {
                s.interactions[k].allowances[j] = Allowance(tokens[j], address(venue), j * 1e30);
            }
            s.interactions[k].outputs = amounts(a, 0);
        }
        mustSettle(s);
        s.interactions[2].data = abi.encodeCall(venue.refuse, (42));
        mustFail(
            s, abi.encodeWithSelector(InteractionFailed.selector, 2, abi.encodeWithSelector(Venue.Refused.selector, 42))
        );
    }
}

/// @dev In plain ABI encoding, for the twin.
contract RunPlainTest is RunBase {
    function settlementName() internal pure override returns (string memory) {
        return "SettlementPlain";
    }

    function encode(Solution memory made) internal pure override returns (bytes memory) {
        return abi.encode(made);
    }

    function test_declared_tokens_must_be_listed() public {
        mustFail(declaredForAnUnknownToken(), abi.encodeWithSelector(TokenIndexOutOfRange.selector, 4, 4));
    }

    function test_allowance_token_must_be_listed() public {
        Interaction[] memory list = interact(address(venue), abi.encodeCall(venue.anything, ())).interactions;
        list[0].allowances = allowed(b, address(venue), 1);
        address[] memory listed = new address[](1);
        listed[0] = a;
        vm.prank(address(settlement));
        vm.expectRevert(abi.encodeWithSelector(AllowanceTokenUnknown.selector, b));
        executor.run(list, listed);
    }
}
