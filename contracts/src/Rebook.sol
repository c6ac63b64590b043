// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Flow} from "./Flow.sol";
import {IVault} from "./interfaces/IVault.sol";

/// @title What changes hands within the vault
/// @dev Written straight into the calldata of {IVault-rebook}, since this runs twice for every trade of those who keep their
///      funds there.
library Rebook {
    /// @notice Has `vault` take from the first of the flow's keepers, and give `paid` to the first of its savers and `direct`
    ///         to the treasury, and takes that off both lists. There must be as much on each.
    function send(Flow memory flow, address vault, uint256 paid, uint256 treasury, uint256 direct) internal {
        (uint256 keepers, uint256 savers, address token) = (flow.keepers, flow.savers, flow.token);
        bytes4 selector = IVault.rebook.selector;
        assembly ("memory-safe") {
            // Writes (place, amount) from `item` on until nothing is left; returns the rest of the list.
            function split(parties, left, item) -> rest, next {
                for {} left {} {
                    let party := parties
                    let part := mload(add(party, 0x20))
                    parties := mload(add(party, 0x40))
                    if gt(part, left) {
                        mstore(add(party, 0x20), sub(part, left))
                        part := left
                        parties := party
                    }
                    mstore(item, mload(party))
                    mstore(add(item, 0x20), part)
                    item := add(item, 0x40)
                    left := sub(left, part)
                }
                rest := parties
                next := item
            }
            // Beyond what is allocated: nothing else happens before the call.
            let start := mload(0x40)
            let first := add(start, 0xa0)
            let next := first
            keepers, next := split(keepers, add(paid, direct), next)
            mstore(start, shr(224, selector))
            mstore(add(start, 0x20), token)
            mstore(add(start, 0x40), shr(6, sub(next, first)))
            mstore(add(start, 0x60), 0x60)
            savers, next := split(savers, paid, next)
            if direct {
                mstore(next, treasury)
                mstore(add(next, 0x20), direct)
                next := add(next, 0x40)
            }
            mstore(add(start, 0x80), shr(6, sub(next, first)))
            start := add(start, 0x1c)
            if iszero(call(gas(), vault, 0, start, sub(next, start), 0x00, 0x00)) {
                returndatacopy(start, 0, returndatasize())
                revert(start, returndatasize())
            }
        }
        (flow.keepers, flow.savers) = (keepers, savers);
    }
}
