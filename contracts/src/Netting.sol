// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Flow} from "./Flow.sol";
import {Parties} from "./Parties.sol";
import {Moves, MoveList} from "./Moves.sol";
import {COVER, POOL} from "./Types.sol";

/// @title Direct payments from payers to receivers
/// @dev The executor is served first, then the receivers one by one, and whatever is left goes to the treasury, so that a
///      token needs at most one movement more than it has parties and other destinations. Those who keep their funds in the
///      vault pay and are paid first, so that as much as possible never leaves it.
///      Nothing here can overflow: the members of a flow are sums of amounts below 2^128.
library Netting {
    using Parties for uint256;
    using Moves for MoveList;

    /// @notice Adds the movements of one token to `list`; sets `flow.direct` and `flow.owed` and leaves the receivers (and
    ///         what is left of the first of them) that the executor has to pay on `flow.receivers`.
    /// @param treasury The treasury's place.
    function settleDirectly(Flow memory flow, MoveList memory list, address executor, uint256 treasury, address solver)
        internal
        pure
    {
        unchecked {
            flow.payers = Parties.join(flow.keepers, flow.lastKeeper, flow.payers);
            flow.receivers = Parties.join(flow.savers, flow.lastSaver, flow.receivers);
            uint256 has = flow.gives - flow.prepaid + _payLack(flow, solver);
            uint256 need = executorNeed(flow);
            if (has < need) need = has;
            uint256 paid = _rebook(flow, list, flow.gives - flow.prepaid, need);
            if (need != 0) _payFromPayers(flow, list, uint160(executor), need);
            paid += _payReceivers(flow, list);
            flow.owed = flow.wants - paid;
            if (flow.payers != 0) flow.direct = _payFromPayers(flow, list, treasury, type(uint256).max);
        }
    }

    /// @dev Without declared outputs what the traders' gives lack can only come from the solver's cover: it becomes a payer.
    function _payLack(Flow memory flow, address solver) private pure returns (uint256 lack) {
        unchecked {
            uint256 need = flow.wants + flow.fees + flow.inputs;
            if (flow.outputs != 0 || need <= flow.gives) return 0;
            lack = need - flow.gives;
            flow.payers = flow.payers.push(COVER | uint160(solver), lack);
        }
    }

    /// @notice What the executor must have from payers before the interactions, plus what it needs for native coin.
    function executorNeed(Flow memory flow) internal pure returns (uint256 need) {
        unchecked {
            uint256 outgoing = flow.inputs + flow.nativeWants;
            if (outgoing > flow.outputs) need = outgoing - flow.outputs;
            if (flow.deficit > need) need = flow.deficit;
            need = need > flow.prepaid ? need - flow.prepaid : 0;
        }
    }

    /// @notice What is left over by the declared figures and has not gone to the treasury directly.
    function declaredLeftover(Flow memory flow) internal pure returns (uint256) {
        unchecked {
            uint256 have = flow.gives + flow.outputs;
            uint256 need = flow.wants + flow.fees + flow.inputs;
            uint256 gone = flow.direct > flow.fees ? flow.direct - flow.fees : 0;
            return have > need + gone ? have - need - gone : 0;
        }
    }

    /// @notice Fees that the executor still owes to the treasury.
    function feesDue(Flow memory flow) internal pure returns (uint256) {
        unchecked {
            return flow.fees > flow.direct ? flow.fees - flow.direct : 0;
        }
    }

    /// @dev What can change hands within the vault does so through POOL: each balance is written once.
    function _rebook(Flow memory flow, MoveList memory list, uint256 has, uint256 need)
        private
        pure
        returns (uint256 amount)
    {
        amount = flow.kept < flow.saved ? flow.kept : flow.saved;
        if (amount == 0) return 0;
        // What the executor needs has to be left to it.
        uint256 free = has > need ? has - need : 0;
        if (free < amount) amount = free;
        flow.payers = _split(flow.payers, amount, flow.token, list, 0x20);
        flow.receivers = _split(flow.receivers, amount, flow.token, list, 0x40);
    }

    /// @dev Moves `amount` between the parties of a list, in their order, and POOL.
    /// @param side Where in a Move the party goes: 0x20 for from, 0x40 for to.
    /// @return What is left of the list.
    function _split(uint256 parties, uint256 amount, address token, MoveList memory list, uint256 side)
        private
        pure
        returns (uint256)
    {
        (uint256 item, uint256 pool) = (list.next, POOL);
        assembly ("memory-safe") {
            for {} amount {} {
                let part := mload(add(parties, 0x20))
                let rest
                if gt(part, amount) {
                    rest := sub(part, amount)
                    part := amount
                }
                mstore(item, token)
                mstore(add(item, side), mload(parties))
                mstore(add(item, sub(0x60, side)), pool)
                mstore(add(item, 0x60), part)
                item := add(item, 0x80)
                amount := sub(amount, part)
                mstore(add(parties, 0x20), rest)
                if iszero(rest) { parties := mload(add(parties, 0x40)) }
            }
        }
        list.advance(item);
        return parties;
    }

    /// @dev Pairs payers and receivers in order until one list is empty: Parties.head, Moves.add and Parties.reduce at once,
    ///      since this runs once for every trade. Each round ends a party, so that the list has room.
    function _payReceivers(Flow memory flow, MoveList memory list) private pure returns (uint256 paid) {
        address token = flow.token;
        (uint256 payers, uint256 receivers, uint256 item) = (flow.payers, flow.receivers, list.next);
        assembly ("memory-safe") {
            // Both are addresses in memory: the product is zero only if one is.
            for {} mul(payers, receivers) {} {
                let part := mload(add(payers, 0x20))
                let due := mload(add(receivers, 0x20))
                mstore(item, token)
                mstore(add(item, 0x20), mload(payers))
                mstore(add(item, 0x40), mload(receivers))
                switch gt(part, due)
                case 0 {
                    mstore(add(receivers, 0x20), sub(due, part))
                    payers := mload(add(payers, 0x40))
                    if eq(due, part) { receivers := mload(add(receivers, 0x40)) }
                }
                default {
                    mstore(add(payers, 0x20), sub(part, due))
                    receivers := mload(add(receivers, 0x40))
                    part := due
                }
                mstore(add(item, 0x60), part)
                item := add(item, 0x80)
                paid := add(paid, part) // never more than `wants`
            }
        }
        list.advance(item);
        (flow.payers, flow.receivers) = (payers, receivers);
    }

    function _payFromPayers(Flow memory flow, MoveList memory list, uint256 to, uint256 amount)
        private
        pure
        returns (uint256 paid)
    {
        unchecked {
            uint256 payers = flow.payers;
            while (payers != 0 && amount != 0) {
                (uint256 payer, uint256 part,) = payers.head();
                if (part > amount) part = amount;
                list.add(flow.token, payer, to, part);
                payers = payers.reduce(part);
                amount -= part;
                paid += part;
            }
            flow.payers = payers;
        }
    }
}
