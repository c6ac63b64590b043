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
import {Fill, Intent, Leg, NATIVE, Solution} from "./Types.sol";
import {Wiring} from "./Wiring.sol";

/// @title One fill: is it allowed, what are its amounts, who pays and who receives
abstract contract Fills is ISettlement, Domain, Nonces, Wiring {
    using Parties for uint256;

    /// @dev Checks and records a fill, and adds its parties to the flows of its tokens.
    function _fill(Solution calldata solution, Fill calldata fill, Flow[] memory flows) internal {
        Intent calldata intent = fill.intent;
        IntentRules.checkShape(intent);
        IntentRules.checkTime(intent, block.timestamp);
        if (_isHouseContract(intent.receiver)) revert ReceiverForbidden(intent.receiver);

        bytes32 uid = _digest(IntentHash.hash(intent));
        address signer = Signatures.recover(uid, fill.signature);
        if (signer == address(0) || signer != intent.owner) revert WrongSigner(signer, intent.owner);
        _mark(uid, intent, fill.executed);

        (uint256[] memory gives, uint256[] memory wants) = FillMath.amounts(intent, _execution(solution, fill));
        _addGives(fill, gives, flows);
        _addWants(fill, wants, flows);
        emit Filled(uid, intent.owner, fill.executed, fill.fee);
    }

    function _execution(Solution calldata solution, Fill calldata fill) private view returns (Execution memory) {
        (uint256[] memory givePrices, uint256 seen) = _prices(solution, fill.intent.gives, fill.giveTokens, 0);
        (uint256[] memory wantPrices,) = _prices(solution, fill.intent.wants, fill.wantTokens, seen);
        return Execution(block.timestamp, fill.executed, fill.fee, fill.roundUp, givePrices, wantPrices);
    }

    /// @dev The price of each leg. `seen` has a bit for each token index met in this intent: since the tokens of a solution
    ///      are distinct, the legs' tokens are if their indices are.
    function _prices(Solution calldata solution, Leg[] calldata legs, uint8[] calldata indices, uint256 seen)
        private
        view
        returns (uint256[] memory prices, uint256 seenAfter)
    {
        uint256 count = legs.length;
        if (indices.length != count) revert LengthMismatch(indices.length, count);
        address[] calldata tokens = solution.tokens;
        prices = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            uint256 index = indices[i];
            if (index >= tokens.length) revert TokenIndexOutOfRange(index, tokens.length);
            address token = legs[i].token;
            if (token == NATIVE) token = wrappedNative;
            if (tokens[index] != token) revert LegTokenMismatch(token, tokens[index]);
            if ((seen >> index) & 1 == 1) revert LegTokenRepeated(token);
            seen |= 1 << index;
            prices[i] = solution.prices[index];
        }
        return (prices, seen);
    }

    function _addGives(Fill calldata fill, uint256[] memory gives, Flow[] memory flows) private pure {
        address owner = fill.intent.owner;
        for (uint256 i; i < gives.length; ++i) {
            Flow memory flow = flows[fill.giveTokens[i]];
            flow.gives += gives[i];
            flow.payers = flow.payers.push(owner, gives[i]);
            ++flow.parties;
        }
        flows[fill.giveTokens[0]].fees += fill.fee;
    }

    function _addWants(Fill calldata fill, uint256[] memory wants, Flow[] memory flows) private pure {
        address receiver = fill.intent.receiver;
        if (receiver == address(0)) receiver = fill.intent.owner;
        for (uint256 i; i < wants.length; ++i) {
            Flow memory flow = flows[fill.wantTokens[i]];
            flow.wants += wants[i];
            if (fill.intent.wants[i].token == NATIVE) {
                flow.nativeWants += wants[i];
                flow.natives = flow.natives.push(receiver, wants[i]);
            } else {
                flow.receivers = flow.receivers.push(receiver, wants[i]);
            }
            ++flow.parties;
        }
    }
}
