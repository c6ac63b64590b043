// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Nonces} from "../../src/Nonces.sol";
import {Order, Orders} from "../../src/Order.sol";
import "../../src/Types.sol";
import {Base} from "./Base.sol";

contract NoncesOpen is Nonces {
    using Orders for Order;

    function mark(bytes32 uid, Intent calldata intent, uint256 executed) external returns (bool keeps) {
        Order memory order = Orders.allocate();
        order.load(intent);
        order.executed = executed;
        return _mark(uid, order);
    }
}

/// @dev An owner's nonces and fills by themselves.
abstract contract NoncesBase is Base {
    address internal constant OWNER = address(0xa);
    NoncesOpen internal n;

    function setUp() public {
        n = new NoncesOpen();
    }

    function intent(uint8 fill, uint256 nonce) internal pure returns (Intent memory i) {
        i.owner = OWNER;
        i.fill = fill;
        i.minFill = fill == WHOLE ? 100 : 10;
        i.nonce = nonce;
        i.gives = new Leg[](1);
        i.wants = new Leg[](1);
        i.gives[0] = Leg(address(1), 100, 100);
        i.wants[0] = Leg(address(2), 50, 50);
    }

    function mark(Intent memory i, uint256 executed) internal {
        n.mark(keccak256(abi.encode(i)), i, executed);
    }

    function refuses(Intent memory i, uint256 executed, bytes memory reason) internal {
        vm.expectRevert(reason);
        mark(i, executed);
    }
}
