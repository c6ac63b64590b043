// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev One token of a solution while it settles. `payers`, `receivers` and `natives` are lists of Parties.
struct Flow {
    address token;
    uint256 price;
    uint256 cover; // how much of the solver's cover the solution may use
    uint256 gives; // what the payers pay, fees included
    uint256 wants; // what the receivers are due, native coin included
    uint256 nativeWants; // the part of `wants` that is due in native coin
    uint256 fees;
    uint256 inputs; // what interactions take from the executor, as declared
    uint256 outputs; // what interactions bring to the executor, as declared
    uint256 deficit; // the most by which inputs ever run ahead of outputs, in the order of the interactions
    uint256 payers;
    uint256 receivers;
    uint256 natives;
    uint256 parties; // how many are on the three lists
    uint256 direct; // what payers paid straight to the treasury
    uint256 owed; // what the executor has to pay to receivers
    uint256 credit; // what goes to the solver's cover
}

/// @title Linked lists of (account, amount) in memory; zero is the empty list
library Parties {
    function push(uint256 list, address account, uint256 amount) internal pure returns (uint256 node) {
        assembly ("memory-safe") {
            node := mload(0x40)
            mstore(node, account)
            mstore(add(node, 0x20), amount)
            mstore(add(node, 0x40), list)
            mstore(0x40, add(node, 0x60))
        }
    }

    function head(uint256 list) internal pure returns (address account, uint256 amount, uint256 next) {
        assembly ("memory-safe") {
            account := mload(list)
            amount := mload(add(list, 0x20))
            next := mload(add(list, 0x40))
        }
    }

    /// @notice Takes `amount` off the first of the list, and the first itself off when nothing is left of it.
    function reduce(uint256 list, uint256 amount) internal pure returns (uint256 rest) {
        assembly ("memory-safe") {
            let left := sub(mload(add(list, 0x20)), amount)
            mstore(add(list, 0x20), left)
            switch left
            case 0 { rest := mload(add(list, 0x40)) }
            default { rest := list }
        }
    }
}

/// @dev A call with one argument, Transfer[], under construction: its first item, and where the next one goes.
struct TransferList {
    uint256 first;
    uint256 next;
    uint256 end;
}

/// @title Transfers written straight into the calldata of pull or pay
library Transfers {
    uint256 private constant ITEM = 0x80;

    error TransferListFull();

    /// @notice An empty list with room for `capacity` transfers.
    function allocate(uint256 capacity) internal pure returns (TransferList memory list) {
        uint256 first;
        assembly ("memory-safe") {
            // Three words go before the first item: selector, offset, length.
            first := add(mload(0x40), 0x60)
            mstore(0x40, add(first, mul(capacity, ITEM)))
        }
        list.first = first;
        list.next = first;
        list.end = first + capacity * ITEM;
    }

    function add(TransferList memory list, address token, address from, address to, uint256 amount) internal pure {
        uint256 item = list.next;
        if (item == list.end) revert TransferListFull();
        assembly ("memory-safe") {
            mstore(item, token)
            mstore(add(item, 0x20), from)
            mstore(add(item, 0x40), to)
            mstore(add(item, 0x60), amount)
        }
        list.next = item + ITEM;
    }

    /// @notice Calls `target` with the list unless it is empty; passes on a revert.
    function send(TransferList memory list, address target, bytes4 selector) internal {
        (uint256 first, uint256 next) = (list.first, list.next);
        if (first == next) return;
        assembly ("memory-safe") {
            mstore(sub(first, 0x60), shr(224, selector))
            mstore(sub(first, 0x40), 0x20)
            mstore(sub(first, 0x20), div(sub(next, first), ITEM))
            let start := sub(first, 0x44)
            if iszero(call(gas(), target, 0, start, sub(next, start), 0x00, 0x00)) {
                returndatacopy(start, 0, returndatasize())
                revert(start, returndatasize())
            }
        }
    }
}

/// @title Direct payments from payers to receivers
/// @dev The executor is served first, then the receivers one by one, and whatever is left goes to the treasury, so that a
///      token needs at most one transfer more than it has parties and other destinations.
library Netting {
    using Parties for uint256;
    using Transfers for TransferList;

    /// @notice Adds the transfers of one token to `list`; sets `flow.direct` and `flow.owed` and leaves the receivers (and
    ///         what is left of the first of them) that the executor has to pay on `flow.receivers`.
    function settleDirectly(Flow memory flow, TransferList memory list, address executor, address treasury)
        internal
        pure
    {
        _payFromPayers(flow, list, executor, executorNeed(flow));
        uint256 paid;
        while (flow.payers != 0 && flow.receivers != 0) {
            (address receiver, uint256 due,) = flow.receivers.head();
            uint256 part = _payFromPayers(flow, list, receiver, due);
            flow.receivers = flow.receivers.reduce(part);
            paid += part;
        }
        flow.owed = flow.wants - paid;
        flow.direct = _payFromPayers(flow, list, treasury, type(uint256).max);
    }

    /// @notice What the executor must have before the interactions, plus what it needs for payments in native coin.
    function executorNeed(Flow memory flow) internal pure returns (uint256 need) {
        uint256 outgoing = flow.inputs + flow.nativeWants;
        if (outgoing > flow.outputs) need = outgoing - flow.outputs;
        if (flow.deficit > need) need = flow.deficit;
        if (flow.gives < need) need = flow.gives;
    }

    /// @notice What is left over by the declared figures and has not gone to the treasury directly.
    function declaredLeftover(Flow memory flow) internal pure returns (uint256) {
        uint256 have = flow.gives + flow.outputs;
        uint256 need = flow.wants + flow.fees + flow.inputs;
        uint256 gone = flow.direct > flow.fees ? flow.direct - flow.fees : 0;
        return have > need + gone ? have - need - gone : 0;
    }

    /// @notice Fees that the executor still owes to the treasury.
    function feesDue(Flow memory flow) internal pure returns (uint256) {
        return flow.fees > flow.direct ? flow.fees - flow.direct : 0;
    }

    function _payFromPayers(Flow memory flow, TransferList memory list, address to, uint256 amount)
        private
        pure
        returns (uint256 paid)
    {
        address token = flow.token;
        uint256 payers = flow.payers;
        while (payers != 0 && paid < amount) {
            (address payer, uint256 part,) = payers.head();
            if (part > amount - paid) part = amount - paid;
            list.add(token, payer, to, part);
            payers = payers.reduce(part);
            paid += part;
        }
        flow.payers = payers;
    }
}
