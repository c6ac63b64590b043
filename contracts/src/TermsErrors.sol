// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Shape of terms. `position` counts bytes of the encoding, `node` nodes of the condition, `index` from zero.
error TermsMalformed(uint256 position);
error TooManyNodes(uint256 count, uint256 most);
error TooManyCalls(uint256 count, uint256 most);
error NodeMalformed(uint256 node);
error TooManyHooks(uint256 count, uint256 most);
error HookGasTooHigh(uint256 index, uint256 gasLimit, uint256 most);
error HookTargetForbidden(address target);
error HookSelectorForbidden(address target, bytes4 selector);
error TooManyShares(uint256 count, uint256 most);
error ShareEmpty(uint256 index);
error ShareReceiverForbidden(address receiver);
error SharesTooLarge(uint256 bps, uint256 most);
error ExclusivityIncomplete(address solver, uint256 until);
error ImpactOutOfRange(uint256 bps);

// What the terms ask for is not so
error ExclusiveTo(address solver, uint256 until, address settledFor);
error ConditionUnreadable(uint256 node);
error ConditionNotMet(bytes32 uid);
error HookFailed(bytes32 uid, uint256 index, bytes reason);
