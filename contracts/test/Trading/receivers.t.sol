// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Who may be paid.
contract ReceiversTest is Market {
    function test_receiver_must_not_be_the_house() public {
        address[5] memory list =
            [address(settlement), address(vault), address(executor), address(registry), address(runner)];
        for (uint256 k; k < 5; ++k) {
            Solution memory s = barter(ONE);
            s.fills[0].intent.receiver = list[k];
            sign(ALICE, s.fills[0]);
            mustFail(s, abi.encodeWithSelector(ReceiverForbidden.selector, list[k]));
        }
    }

    function test_the_treasury_may_trade_like_anyone() public {
        Solution memory s = barter(ONE);
        s.fills[0].intent.receiver = treasury;
        sign(ALICE, s.fills[0]);
        mustSettle(s);
        eq(balance(b, treasury), ONE, "received");
    }

    function test_naming_oneself_as_the_receiver() public {
        Solution memory s = barter(ONE);
        s.fills[0].intent.receiver = vm.addr(ALICE);
        sign(ALICE, s.fills[0]);
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), ONE, "received");
    }

    function test_the_same_intent_twice() public {
        (Solution memory s, bytes memory reason) = broken();
        mustFail(s, reason);
    }
}
