// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

contract ExecuteTest is Market {
    function test_is_for_the_settlement_itself() public {
        bytes memory encoded = encode(barter(ONE));
        address[4] memory callers = [house, owner, solver, address(executor)];
        for (uint256 k; k < 4; ++k) {
            vm.prank(callers[k]);
            vm.expectRevert(abi.encodeWithSelector(OnlySelf.selector, callers[k]));
            settlement.execute(encoded, solver);
        }
        vm.prank(address(settlement));
        settlement.execute(encoded, solver);
        eq(balance(b, vm.addr(ALICE)), ONE, "settled");
    }
}
