// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Flow} from "./Flow.sol";
import {Parties} from "./Parties.sol";
import {Moves, MoveList} from "./Moves.sol";
import {Rebook} from "./Rebook.sol";
import {BALANCE, COVER} from "./Types.sol";

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
    function settleDirectly(
        Flow memory flow,
        MoveList memory list,
        address vault,
        address executor,
        uint256 treasury,
        address solver
    ) internal {
        unchecked {
            uint256 has = flow.gives - flow.prepaid;
            uint256 lack = _lack(flow);
            uint256 need = executorNeed(flow);
            if (has + lack < need) need = has + lack;
            flow.direct = _rebook(flow, vault, treasury, has, lack, need);
            flow.payers = Parties.join(flow.keepers, flow.lastKeeper, flow.payers);
            flow.receivers = Parties.join(flow.savers, flow.lastSaver, flow.receivers);
            if (lack != 0) flow.payers = flow.payers.push(COVER | uint160(solver), lack);
            if (need != 0) _payFromPayers(flow, list, uint160(executor), need);
            _payReceivers(flow, list);
            flow.owed = flow.nativeWants + flow.receivers.total();
            if (flow.payers != 0) flow.direct += _payFromPayers(flow, list, treasury, type(uint256).max);
        }
    }

    /// @dev Without declared outputs what the traders' gives lack can only come from the solver's cover: it becomes a payer.
    function _lack(Flow memory flow) private pure returns (uint256 lack) {
        unchecked {
            uint256 need = flow.wants + flow.fees + flow.inputs;
            if (flow.outputs == 0 && need > flow.gives) lack = need - flow.gives;
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

    /// @dev What can change hands within the vault does so, and each balance is written once.
    /// @param has What traders pay, of which the executor is to have `need`, or all of it and more.
    /// @return direct What the treasury got, if it keeps its funds in the vault.
    function _rebook(Flow memory flow, address vault, uint256 treasury, uint256 has, uint256 lack, uint256 need)
        private
        returns (uint256 direct)
    {
        unchecked {
            // What the executor needs has to be left to it.
            uint256 free = has > need ? has - need : 0;
            if (flow.kept < free) free = flow.kept;
            uint256 paid = flow.saved < free ? flow.saved : free;
            if (treasury & BALANCE != 0) {
                uint256 all = has + lack - need;
                uint256 due = flow.wants - flow.nativeWants;
                direct = all > due ? all - due : 0;
                if (free - paid < direct) direct = free - paid;
            }
            if (paid + direct != 0) Rebook.send(flow, vault, paid, treasury, direct);
        }
    }

    /// @dev Pairs payers and receivers in order until one list is empty: Parties.head, Moves.add and Parties.reduce at once,
    ///      since this runs twice for every trade. Each round ends a party, so that the list has room.
    function _payReceivers(Flow memory flow, MoveList memory list) private pure {
        address token = flow.token;
        (uint256 payers, uint256 receivers, uint256 item) = (flow.payers, flow.receivers, list.next);
        assembly ("memory-safe") {
            // Of an empty list nonsense is read, and not used.
            let part := mload(add(payers, 0x20))
            let due := mload(add(receivers, 0x20))
            // Both are addresses in memory: the product is zero only if one is.
            for {} mul(payers, receivers) {} {
                mstore(item, token)
                mstore(add(item, 0x20), mload(payers))
                mstore(add(item, 0x40), mload(receivers))
                switch gt(part, due)
                case 0 {
                    mstore(add(item, 0x60), part)
                    due := sub(due, part)
                    payers := mload(add(payers, 0x40))
                    part := mload(add(payers, 0x20))
                    if iszero(due) {
                        receivers := mload(add(receivers, 0x40))
                        due := mload(add(receivers, 0x20))
                    }
                }
                default {
                    mstore(add(item, 0x60), due)
                    part := sub(part, due)
                    receivers := mload(add(receivers, 0x40))
                    due := mload(add(receivers, 0x20))
                }
                item := add(item, 0x80)
            }
            if payers { mstore(add(payers, 0x20), part) }
            if receivers { mstore(add(receivers, 0x20), due) }
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
