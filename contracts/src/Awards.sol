// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Domain} from "./Domain.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {HouseSignatureLength, NotHouseSigner, SignersNotAscending} from "./RoleErrors.sol";
import {Roles} from "./Roles.sol";
import {Signatures} from "./Signatures.sol";
import {Award} from "./Types.sol";

/// @title The house's signed permissions to settle
abstract contract Awards is Domain, Roles {
    bytes32 internal constant AWARD_TYPEHASH =
        keccak256("Award(uint256 round,address solver,bytes32 solution,uint256 gasLimit,uint256 deadline)");

    /// @dev Spent awards by the last byte of their digest, in slots that are used again as awards expire, since writing to
    ///      a fresh one costs as much as half a trade. From the top: the digest's first 160 bits, the latest deadline of
    ///      those that found this place taken and are in `_crowdedOut` (48 bits), the deadline (48 bits).
    mapping(uint256 place => uint256) private _spent;
    mapping(bytes32 digest => bool) private _crowdedOut;

    /// @notice Whether the award with this digest has been used, whatever came of its solution. Forgotten some time after
    ///         its deadline, when it is of no use any more.
    function awardSpent(bytes32 digest) public view returns (bool) {
        return _spent[uint8(uint256(digest))] >> 96 == uint256(digest) >> 96 || _crowdedOut[digest];
    }

    /// @notice The EIP-712 digest that the house signers sign. `solution` is the keccak256 of the encoded solution.
    function awardDigest(uint256 round, address solver, bytes32 solution, uint256 gasLimit, uint256 deadline)
        public
        view
        returns (bytes32)
    {
        return _digest(keccak256(abi.encode(AWARD_TYPEHASH, round, solver, solution, gasLimit, deadline)));
    }

    /// @dev Spends the award before its solution runs: a solution that fails has had its one chance. An award that is
    ///      spent or late is refused without a revert, so that a solver that settles its own first can not upset a
    ///      bundle.
    /// @return refusal Empty if the award is good, else the error.
    function _spend(Award calldata award, bytes32 solution) internal returns (bytes memory refusal) {
        bytes32 digest = awardDigest(award.round, award.solver, solution, award.gasLimit, award.deadline);
        _checkHouseSigned(digest, award.signature);
        uint256 deadline = award.deadline;
        if (block.timestamp > deadline) {
            return abi.encodeWithSelector(ISettlement.AwardExpired.selector, deadline, block.timestamp);
        }
        if (!_markSpent(digest, deadline)) return abi.encodeWithSelector(ISettlement.AwardSpent.selector, digest);
    }

    /// @return fresh False if it was spent before.
    function _markSpent(bytes32 digest, uint256 deadline) private returns (bool fresh) {
        uint256 place = uint8(uint256(digest));
        uint256 entry = _spent[place];
        uint256 crowdedUntil = uint48(entry >> 48);
        if (entry >> 96 == uint256(digest) >> 96) return false;
        if (crowdedUntil >= block.timestamp && _crowdedOut[digest]) return false;
        // No later than the clock can say.
        if (deadline > type(uint48).max) deadline = type(uint48).max;
        if (uint48(entry) < block.timestamp) {
            // Who was here has expired.
            _spent[place] = (uint256(digest) >> 96 << 96) | (crowdedUntil << 48) | deadline;
        } else {
            _crowdedOut[digest] = true;
            if (deadline > crowdedUntil) _spent[place] = entry & ~(uint256(type(uint48).max) << 48) | (deadline << 48);
        }
        return true;
    }

    /// @dev Exactly `threshold` signatures of 65 bytes, ascending by signer; a single one may also have 64 bytes
    ///      (EIP-2098). The order keeps one signer from counting twice.
    function _checkHouseSigned(bytes32 digest, bytes calldata signatures) private view {
        unchecked {
            uint256 count = threshold;
            uint256 size = count == 1 ? signatures.length : 65;
            if (signatures.length != count * size) revert HouseSignatureLength(signatures.length, count * size);
            address previous;
            for (uint256 i; i < count; ++i) {
                address signer = Signatures.recover(digest, signatures[i * size:(i + 1) * size]);
                if (!isHouseSigner(signer)) revert NotHouseSigner(signer);
                if (signer <= previous) revert SignersNotAscending(previous, signer);
                previous = signer;
            }
        }
    }
}
