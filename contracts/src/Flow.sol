// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AmountTooLarge} from "./Errors.sol";
import {Parties} from "./Parties.sol";
import {BALANCE, MAX_AMOUNT} from "./Types.sol";

/// @dev One token of a solution while it settles. The lists are Parties, see there.
struct Flow {
    address token;
    uint256 price;
    uint256 cover; // how much of the solver's cover the solution may use
    uint256 gives; // what the traders pay, fees included
    uint256 wants; // what the receivers are due, native coin and fee shares included
    uint256 nativeWants; // the part of `wants` that is due in native coin
    uint256 fees; // the treasury's part of the fees
    uint256 prepaid; // the part of `gives` that is with the executor before anything else moves
    uint256 inputs; // what interactions take from the executor, as declared
    uint256 outputs; // what interactions bring to the executor, as declared
    uint256 deficit; // the most by which inputs ever run ahead of outputs, in the order of the interactions
    uint256 payers; // those who pay from their wallets
    uint256 keepers; // those who pay from their balances in the vault
    uint256 lastKeeper;
    uint256 kept; // what keepers pay
    uint256 receivers; // those who are paid in their wallets
    uint256 savers; // those who are paid into the vault
    uint256 lastSaver;
    uint256 saved; // what savers are due
    uint256 natives; // those who are paid in native coin
    uint256 parties; // how many are on the lists; only the sum of all flows counts
    uint256 direct; // what payers paid straight to the treasury
    uint256 owed; // what the executor has to pay to receivers
    uint256 credit; // what goes to the solver's cover
}

/// @dev One solution while it settles. `hooks` lists the terms that have hooks to run after it, as Parties whose nodes are
///      (uid, offset << 128 | length of the terms in calldata); `interactions` counts them, `interactionsAt` is where they
///      begin in calldata, and `end` is where the solution ends.
struct Run {
    address solver;
    Flow[] flows;
    uint256 hooks;
    uint256 interactions;
    uint256 interactionsAt;
    uint256 end;
}

/// @title What adds up to a flow
library Flows {
    using Parties for uint256;

    /// @notice `owner` pays `amount` from its balance in the vault.
    function keep(Flow memory flow, uint256 owner, uint256 amount) internal pure {
        flow.keepers = flow.keepers.push(owner | BALANCE, amount);
        if (flow.lastKeeper == 0) flow.lastKeeper = flow.keepers;
        unchecked {
            flow.kept += amount; // of amounts below 2^128
        }
    }

    /// @notice `owner` is due `amount` in the vault.
    function save(Flow memory flow, uint256 owner, uint256 amount) internal pure {
        flow.savers = flow.savers.push(owner | BALANCE, amount);
        if (flow.lastSaver == 0) flow.lastSaver = flow.savers;
        unchecked {
            flow.saved += amount; // of amounts below 2^128
        }
    }

    /// @notice An interaction takes `amount` from the executor, or brings it.
    function declare(Flow memory flow, uint256 amount, bool isInput) internal pure {
        unchecked {
            if (amount > MAX_AMOUNT) revert AmountTooLarge(amount);
            if (!isInput) {
                flow.outputs += amount;
                return;
            }
            flow.inputs += amount;
            if (flow.inputs > flow.outputs && flow.inputs - flow.outputs > flow.deficit) {
                flow.deficit = flow.inputs - flow.outputs;
            }
        }
    }
}
