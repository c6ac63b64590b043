// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Domain} from "./Domain.sol";
import {
    LegTokenMismatch,
    LegTokenRepeated,
    LengthMismatch,
    ReceiverForbidden,
    TokenIndexOutOfRange,
    WrongSigner
} from "./Errors.sol";
import {Execution, FillMath} from "./FillMath.sol";
import {IntentHash} from "./IntentHash.sol";
import {IntentRules} from "./IntentRules.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Flow, Parties} from "./Netting.sol";
import {Nonces} from "./Nonces.sol";
import {Signatures} from "./Signatures.sol";
import {Fill, Intent, Leg, NATIVE, SELL} from "./Types.sol";
import {Wiring} from "./Wiring.sol";

/// @title One fill: is it allowed, what are its amounts, who pays and who receives
abstract contract Fills is ISettlement, Domain, Nonces, Wiring {
    using Parties for uint256;

    /// @dev Checks and records a fill, and adds its parties to the flows of its tokens.
    function _fill(Fill calldata fill, Flow[] memory flows) internal {
        Intent calldata intent = fill.intent;
        (Leg[] calldata gives, Leg[] calldata wants) = (intent.gives, intent.wants);
        IntentRules.checkShape(intent, gives, wants);
        IntentRules.checkTime(intent, block.timestamp);
        address receiver = intent.receiver;
        if (_isHouseContract(receiver)) revert ReceiverForbidden(receiver);

        address owner = intent.owner;
        bytes32 uid = _digest(IntentHash.hash(intent, gives, wants));
        address signer = Signatures.recover(uid, fill.signature);
        if (signer == address(0) || signer != owner) revert WrongSigner(signer, owner);
        _mark(uid, intent, intent.kind == SELL ? gives[0].start : wants[0].start, fill.executed);

        _trade(fill, flows, receiver == address(0) ? owner : receiver);
        emit Filled(uid, owner, fill.executed, fill.fee);
    }

    function _trade(Fill calldata fill, Flow[] memory flows, address receiver) private view {
        Intent calldata intent = fill.intent;
        (Leg[] calldata gives, Leg[] calldata wants) = (intent.gives, intent.wants);
        Execution memory execution;
        execution.time = block.timestamp;
        execution.executed = fill.executed;
        execution.fee = fill.fee;
        execution.roundUp = fill.roundUp;
        Flow[] memory giveFlows;
        Flow[] memory wantFlows;
        uint256 seen;
        (giveFlows, execution.givePrices, seen) = _locate(flows, gives, fill.giveTokens, 0);
        (wantFlows, execution.wantPrices,) = _locate(flows, wants, fill.wantTokens, seen);
        (uint256[] memory give, uint256[] memory want) = FillMath.amounts(intent, gives, wants, execution);
        giveFlows[0].fees += execution.fee;
        _addGives(giveFlows, give, intent.owner);
        _addWants(wantFlows, want, wants, receiver);
    }

    /// @dev The flow and the price of each leg's token. `seen` has a bit for each token index met in this intent: since the
    ///      tokens of a solution are distinct, the legs' tokens are if their indices are.
    function _locate(Flow[] memory flows, Leg[] calldata legs, uint8[] calldata indices, uint256 seen)
        private
        view
        returns (Flow[] memory found, uint256[] memory prices, uint256 seenAfter)
    {
        uint256 count = legs.length;
        if (indices.length != count) revert LengthMismatch(indices.length, count);
        found = new Flow[](count);
        prices = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            uint256 index = indices[i];
            if (index >= flows.length) revert TokenIndexOutOfRange(index, flows.length);
            Flow memory flow = flows[index];
            address token = legs[i].token;
            if (token == NATIVE) token = wrappedNative;
            if (flow.token != token) revert LegTokenMismatch(token, flow.token);
            if ((seen >> index) & 1 == 1) revert LegTokenRepeated(token);
            seen |= 1 << index;
            found[i] = flow;
            prices[i] = flow.price;
        }
        return (found, prices, seen);
    }

    function _addGives(Flow[] memory flows, uint256[] memory amounts, address owner) private pure {
        for (uint256 i; i < amounts.length; ++i) {
            (Flow memory flow, uint256 amount) = (flows[i], amounts[i]);
            flow.gives += amount;
            flow.payers = flow.payers.push(owner, amount);
            ++flow.parties;
        }
    }

    function _addWants(Flow[] memory flows, uint256[] memory amounts, Leg[] calldata legs, address receiver)
        private
        pure
    {
        for (uint256 i; i < amounts.length; ++i) {
            (Flow memory flow, uint256 amount) = (flows[i], amounts[i]);
            flow.wants += amount;
            if (legs[i].token == NATIVE) {
                flow.nativeWants += amount;
                flow.natives = flow.natives.push(receiver, amount);
            } else {
                flow.receivers = flow.receivers.push(receiver, amount);
            }
            ++flow.parties;
        }
    }
}
