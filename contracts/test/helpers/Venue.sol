// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "../../src/testing/TestToken.sol";

/// @dev Something that an interaction may call, with misbehaviour to order.
contract Venue {
    error Refused(uint256 code);

    function anything() external {}

    function refuse(uint256 code) external pure {
        revert Refused(code);
    }

    function refuseAtLength(uint256 length) external pure {
        assembly {
            mstore(0, 0xdeadbeef)
            revert(0, length)
        }
    }

    function takeFrom(address token, address payer, uint256 amount) external {
        TestToken(token).transferFrom(payer, address(this), amount);
    }

    function payNative(address payable to) external {
        (bool ok,) = to.call{value: 1}("");
        require(ok);
    }

    fallback() external {}
}
