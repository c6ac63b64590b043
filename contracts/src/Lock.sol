// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Reentered} from "./Errors.sol";

/// @title One lock for all guarded entry points of a contract
/// @dev The transient slot has this one meaning and is cleared on the way out, so that two calls in one transaction
///      behave like two transactions.
abstract contract Lock {
    bool private transient _entered;

    modifier locked() {
        if (_entered) revert Reentered();
        _entered = true;
        _;
        _entered = false;
    }
}
