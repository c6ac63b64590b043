// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Authority} from "./Authority.sol";
import {Domain} from "./Domain.sol";
import {FeeBelowShares, LegTokenRepeated, PermitNotWhole, ReceiverForbidden} from "./Errors.sol";
import {FillMath} from "./FillMath.sol";
import {Flow, Flows, Run} from "./Flow.sol";
import {IntentHash} from "./IntentHash.sol";
import {IntentRules} from "./IntentRules.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Nonces} from "./Nonces.sol";
import {Order, OrderLeg, Orders} from "./Order.sol";
import {Parties} from "./Parties.sol";
import {NATIVE, PERMIT2, Permitted, PermittedToken, WHOLE} from "./Types.sol";
import {Wiring} from "./Wiring.sol";

/// @title One fill: is it allowed, what are its amounts, who pays and who receives
abstract contract Fills is ISettlement, Domain, Nonces, Authority, Wiring {
    using Flows for Flow;
    using Orders for Order;
    using Parties for uint256;

    /// @dev Checks and records a fill, and adds its parties to the flows of its tokens.
    function _fill(Order memory order, Run memory run) internal {
        IntentRules.checkShape(order);
        IntentRules.checkTime(order, block.timestamp);
        _checkTokens(order);
        if (_isHouseContract(order.receiver)) revert ReceiverForbidden(order.receiver);
        bytes32 structHash = IntentHash.hash(order);
        bytes32 uid = _digest(structHash);
        _checkSigned(uid, order);
        bool keeps = _mark(uid, order);
        FillMath.setAmounts(order, run.flows, block.timestamp);
        // What it may cost the trader is settled; from here on strangers' code may run.
        _takeFee(order, run, order.terms == 0 ? 0 : _openTerms(uid, order, run));
        if (order.scheme == PERMIT2) _pullPermitted(uid, structHash, order, run.flows);
        else _addGives(order, run.flows, keeps);
        _addWants(order, run.flows, keeps);
        emit Filled(uid, order.owner, (order.executed << 128) | order.fee);
    }

    /// @dev Runs the hooks after, in the reverse order of their fills.
    function _closeTerms(Run memory run) internal {
        for (uint256 node = run.hooks; node != 0;) {
            (uint256 uid, uint256 where, uint256 next) = node.head();
            bytes calldata terms;
            assembly ("memory-safe") {
                terms.offset := shr(128, where)
                terms.length := shr(128, shl(128, where))
            }
            hookRunner.close(terms, bytes32(uid));
            node = next;
        }
    }

    /// @dev No token is on two legs: since the tokens of a solution are distinct, that is so if the legs' indices are.
    function _checkTokens(Order memory order) private pure {
        uint256 seen;
        for (uint256 i; i < order.giveCount; ++i) {
            seen = _see(seen, order.gives[i]);
        }
        for (uint256 i; i < order.wantCount; ++i) {
            seen = _see(seen, order.wants[i]);
        }
    }

    function _see(uint256 seen, OrderLeg memory leg) private pure returns (uint256) {
        uint256 bit = 1 << leg.index;
        if (seen & bit != 0) revert LegTokenRepeated(leg.token);
        return seen | bit;
    }

    /// @dev The treasury's part of the fee; the others' are `shared`.
    function _takeFee(Order memory order, Run memory run, uint256 shared) private pure {
        unchecked {
            uint256 fee = order.fee;
            if (fee < shared) revert FeeBelowShares(fee, shared);
            // Fees and amounts are below 2^128; so many that their sum does not fit can not be written down.
            run.flows[order.gives[0].index].fees += fee - shared;
        }
    }

    /// @dev Has the terms checked (none of the house's contracts receives a share) and the hooks before run; adds the
    ///      receivers of fee shares. Each share is rounded down, for the trader.
    function _openTerms(bytes32 uid, Order memory order, Run memory run) private returns (uint256 shared) {
        unchecked {
            (uint256[] memory shares, bool hasAfter) = hookRunner.open(order.termsData(), uid, run.solver);
            if (hasAfter) run.hooks = run.hooks.push(uint256(uid), (order.termsAt << 128) | order.termsLength);
            OrderLeg memory leg = order.gives[0];
            Flow memory flow = run.flows[leg.index];
            for (uint256 i; i < shares.length; ++i) {
                address receiver = address(uint160(shares[i]));
                uint256 share = leg.amount * (shares[i] >> 160) / 10_000;
                if (share == 0) continue;
                shared += share;
                flow.wants += share;
                flow.receivers = flow.receivers.push(uint160(receiver), share);
                ++flow.parties;
            }
        }
    }

    /// @dev Permit2 checks the signature and moves the gives to the executor.
    function _pullPermitted(bytes32 uid, bytes32 witness, Order memory order, Flow[] memory flows) private {
        unchecked {
            if (order.fill != WHOLE) revert PermitNotWhole(uid);
            uint256 count = order.giveCount;
            Permitted memory permitted;
            (permitted.owner, permitted.nonce, permitted.deadline) = (order.owner, order.nonce, order.validTo);
            (permitted.witness, permitted.signature) = (witness, order.signature());
            permitted.tokens = new PermittedToken[](count);
            for (uint256 i; i < count; ++i) {
                OrderLeg memory leg = order.gives[i];
                PermittedToken memory item = permitted.tokens[i];
                (item.token, item.maximum, item.amount) = (leg.token, leg.end, leg.amount);
                Flow memory flow = flows[leg.index];
                flow.gives += leg.amount;
                flow.prepaid += leg.amount;
            }
            vault.pullPermitted(permitted, address(executor));
        }
    }

    function _addGives(Order memory order, Flow[] memory flows, bool keeps) private pure {
        unchecked {
            uint256 place = uint160(order.owner);
            for (uint256 i; i < order.giveCount; ++i) {
                OrderLeg memory leg = order.gives[i];
                Flow memory flow = flows[leg.index];
                // Sums of amounts below 2^128 and counts of parties.
                flow.gives += leg.amount;
                ++flow.parties;
                if (keeps) {
                    flow.keep(place, leg.amount);
                } else {
                    flow.payers = flow.payers.push(place, leg.amount);
                }
            }
        }
    }

    function _addWants(Order memory order, Flow[] memory flows, bool keeps) private pure {
        unchecked {
            address receiver = order.payee();
            keeps = keeps && receiver == order.owner;
            for (uint256 i; i < order.wantCount; ++i) {
                OrderLeg memory leg = order.wants[i];
                Flow memory flow = flows[leg.index];
                // Sums of amounts below 2^128 and counts of parties.
                flow.wants += leg.amount;
                ++flow.parties;
                if (leg.token == NATIVE) {
                    flow.nativeWants += leg.amount;
                    flow.natives = flow.natives.push(uint160(receiver), leg.amount);
                } else if (keeps) {
                    flow.save(uint160(receiver), leg.amount);
                } else {
                    flow.receivers = flow.receivers.push(uint160(receiver), leg.amount);
                }
            }
        }
    }
}
