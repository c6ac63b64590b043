// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Domain} from "./Domain.sol";
import {WrongHouseSignature} from "./Errors.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Roles} from "./Roles.sol";
import {Signatures} from "./Signatures.sol";
import {Award} from "./Types.sol";

/// @title The house's signed permissions to settle
abstract contract Awards is Domain, Roles {
    bytes32 internal constant AWARD_TYPEHASH =
        keccak256("Award(uint256 round,address solver,bytes32 solution,uint256 gasLimit,uint256 deadline)");

    /// @notice Whether the award with this digest has been used, whatever came of its solution.
    mapping(bytes32 digest => bool) public awardSpent;

    /// @notice The EIP-712 digest that `houseSigner` signs. `solution` is the keccak256 of the encoded solution.
    function awardDigest(uint256 round, address solver, bytes32 solution, uint256 gasLimit, uint256 deadline)
        public
        view
        returns (bytes32)
    {
        return _digest(keccak256(abi.encode(AWARD_TYPEHASH, round, solver, solution, gasLimit, deadline)));
    }

    /// @dev Spends the award before its solution runs: a solution that fails has had its one chance. An award that is spent
    ///      or late is refused without a revert, so that a solver that settles its own first can not upset a bundle.
    /// @return refusal Empty if the award is good, else the error.
    function _spend(Award calldata award, bytes32 solution) internal returns (bytes memory refusal) {
        bytes32 digest = awardDigest(award.round, award.solver, solution, award.gasLimit, award.deadline);
        address signer = Signatures.recover(digest, award.signature);
        if (signer == address(0) || signer != houseSigner) revert WrongHouseSignature(signer, houseSigner);
        if (awardSpent[digest]) return abi.encodeWithSelector(ISettlement.AwardSpent.selector, digest);
        if (block.timestamp > award.deadline) {
            return abi.encodeWithSelector(ISettlement.AwardExpired.selector, award.deadline, block.timestamp);
        }
        awardSpent[digest] = true;
    }
}
