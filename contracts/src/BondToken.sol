// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {NothingReceived, PaymentFailed, PullFailed, ZeroAddress} from "./Errors.sol";
import {Lock} from "./Lock.sol";
import {Tokens} from "./Tokens.sol";

/// @title One ERC-20 in which bonds and stakes are posted
/// @dev Any token will do: what counts is what arrived. A token whose balances shrink by themselves makes bonds
///      worth less than they say. Callers of these helpers are `locked`: a token may call back while it moves.
abstract contract BondToken is Lock {
    /// @notice The token in which bonds are posted.
    address public immutable bondToken;

    constructor(address bondToken_) {
        if (bondToken_ == address(0)) revert ZeroAddress();
        bondToken = bondToken_;
    }

    /// @dev Takes up to `amount` from `from`; zero takes nothing.
    /// @return received What arrived.
    function _pull(address from, uint256 amount) internal returns (uint256 received) {
        if (amount == 0) return 0;
        uint256 held = SafeTransferLib.balanceOf(bondToken, address(this));
        if (!SafeTransferLib.trySafeTransferFrom(bondToken, from, address(this), amount)) {
            revert PullFailed(bondToken, from, address(this), amount);
        }
        uint256 holds = SafeTransferLib.balanceOf(bondToken, address(this));
        if (holds <= held) revert NothingReceived(bondToken);
        received = holds - held;
    }

    function _pay(address to, uint256 amount) internal {
        if (amount != 0 && !Tokens.tryTransfer(bondToken, to, amount)) revert PaymentFailed(bondToken, to, amount);
    }
}
