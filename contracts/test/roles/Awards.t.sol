// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Awards} from "../../src/Awards.sol";
import {SignatureLength} from "../../src/Errors.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {HouseSignatureLength, NotHouseSigner, SignersNotAscending} from "../../src/RoleErrors.sol";
import {Roles} from "../../src/Roles.sol";
import {Award} from "../../src/Types.sol";
import {Base} from "../helpers/Base.sol";

contract AwardsHarness is Awards {
    constructor(address owner_, address signer) Roles(owner_, owner_, signer, owner_) {}

    function spend(Award calldata award, bytes32 solution) external returns (bytes memory) {
        return _spend(award, solution);
    }

    /// @return gas_ Gas of the call itself, without that of its transaction.
    function measure(Award calldata award, bytes32 solution) external returns (uint256 gas_) {
        gas_ = gasleft();
        _spend(award, solution);
        gas_ -= gasleft();
    }
}

/// @dev What the house signs, by how many, and how often it can be used.
contract AwardsTest is Base {
    uint256 private constant NOW = 1_800_000_000;
    bytes32 private constant SOLUTION = keccak256("solution");
    uint256 private constant STRANGER = 0x57a;

    AwardsHarness private awards;
    uint256[] private keys; // ascending by address

    function setUp() public {
        vm.warp(NOW);
        for (uint256 key = 1; key <= 4; ++key) {
            keys.push(key);
            for (uint256 i = key - 1; i > 0 && vm.addr(keys[i - 1]) > vm.addr(key); --i) {
                (keys[i - 1], keys[i]) = (key, keys[i - 1]);
            }
        }
        awards = new AwardsHarness(address(this), vm.addr(keys[0]));
    }

    function needs(uint8 threshold) private {
        address[] memory signers = new address[](keys.length);
        for (uint256 i; i < keys.length; ++i) {
            signers[i] = vm.addr(keys[i]);
        }
        awards.setHouseSigners(signers, threshold);
    }

    function unsigned() private pure returns (Award memory) {
        return Award(7, address(0x501e4), 1_000_000, NOW + 60, "");
    }

    function digestOf(Award memory award) private view returns (bytes32) {
        return awards.awardDigest(award.round, award.solver, SOLUTION, award.gasLimit, award.deadline);
    }

    /// @dev The award signed by these keys, in this order.
    function signedBy(uint256[] memory by) private view returns (Award memory award) {
        award = unsigned();
        bytes32 digest = digestOf(award);
        for (uint256 i; i < by.length; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(by[i], digest);
            award.signature = abi.encodePacked(award.signature, r, s, v);
        }
    }

    function signedBy(uint256 one) private view returns (Award memory) {
        uint256[] memory by = new uint256[](1);
        by[0] = one;
        return signedBy(by);
    }

    function signedBy(uint256 one, uint256 two) private view returns (Award memory) {
        uint256[] memory by = new uint256[](2);
        (by[0], by[1]) = (one, two);
        return signedBy(by);
    }

    function compact(Award memory award) private pure returns (Award memory) {
        (bytes32 r, bytes32 s) = abi.decode(award.signature, (bytes32, bytes32));
        if (award.signature[64] == bytes1(uint8(28))) s |= bytes32(uint256(1) << 255);
        award.signature = abi.encodePacked(r, s);
        return award;
    }

    function good(Award memory award) private {
        eq(awards.spend(award, SOLUTION), "", "accepted");
        yes(awards.awardSpent(digestOf(award)), "spent");
    }

    function bad(Award memory award, bytes memory reason) private {
        vm.expectRevert(reason);
        awards.spend(award, SOLUTION);
        yes(!awards.awardSpent(digestOf(award)), "not spent");
    }

    // --- one signer

    function test_one_signature() public {
        good(signedBy(keys[0]));
    }

    function test_one_short_signature() public {
        good(compact(signedBy(keys[0])));
    }

    function test_a_stranger_signs_for_nobody() public {
        bad(signedBy(STRANGER), abi.encodeWithSelector(NotHouseSigner.selector, vm.addr(STRANGER)));
        Award memory award = unsigned();
        award.signature = abi.encodePacked(bytes32(0), bytes32(uint256(1)), uint8(27));
        bad(award, abi.encodeWithSelector(NotHouseSigner.selector, address(0)));
    }

    function test_other_lengths() public {
        Award memory award = unsigned();
        bad(award, abi.encodeWithSelector(SignatureLength.selector, 0));
        bad(signedBy(keys[0], keys[1]), abi.encodeWithSelector(SignatureLength.selector, 130));
    }

    function test_everything_in_an_award_is_signed() public {
        bytes4 wrong = NotHouseSigner.selector;
        Award memory award = signedBy(keys[0]);
        ++award.round;
        vm.expectPartialRevert(wrong);
        awards.spend(award, SOLUTION);
        award = signedBy(keys[0]);
        award.solver = address(1);
        vm.expectPartialRevert(wrong);
        awards.spend(award, SOLUTION);
        award = signedBy(keys[0]);
        ++award.gasLimit;
        vm.expectPartialRevert(wrong);
        awards.spend(award, SOLUTION);
        award = signedBy(keys[0]);
        ++award.deadline;
        vm.expectPartialRevert(wrong);
        awards.spend(award, SOLUTION);
        award = signedBy(keys[0]);
        vm.expectPartialRevert(wrong);
        awards.spend(award, keccak256("another"));
        vm.chainId(5);
        vm.expectPartialRevert(wrong);
        awards.spend(award, SOLUTION);
        AwardsHarness other = new AwardsHarness(address(this), vm.addr(keys[0]));
        vm.expectPartialRevert(wrong);
        other.spend(award, SOLUTION);
    }

    // --- use

    function test_an_award_is_used_once() public {
        Award memory award = signedBy(keys[0]);
        good(award);
        bytes memory refusal = abi.encodeWithSelector(ISettlement.AwardSpent.selector, digestOf(award));
        eq(awards.spend(award, SOLUTION), refusal, "spent");
        eq(awards.spend(compact(award), SOLUTION), refusal, "spent in its other form, too");
    }

    function test_an_award_ends() public {
        Award memory award = signedBy(keys[0]);
        vm.warp(award.deadline + 1);
        bytes memory refusal = awards.spend(award, SOLUTION);
        eq(refusal, abi.encodeWithSelector(ISettlement.AwardExpired.selector, NOW + 60, NOW + 61), "late");
        yes(!awards.awardSpent(digestOf(award)), "not spent");
        vm.warp(award.deadline);
        good(award);
    }

    // --- several signers

    function test_any_two_of_four() public {
        needs(2);
        for (uint256 i; i < 4; ++i) {
            for (uint256 j; j < 4; ++j) {
                Award memory award = signedBy(keys[i], keys[j]);
                if (i < j) {
                    eq(awards.spend(award, SOLUTION).length, i + j == 1 ? 0 : 36, "accepted, but used once");
                } else {
                    vm.expectRevert(
                        abi.encodeWithSelector(SignersNotAscending.selector, vm.addr(keys[i]), vm.addr(keys[j]))
                    );
                    awards.spend(award, SOLUTION);
                }
            }
        }
    }

    function test_exactly_as_many_as_the_threshold() public {
        needs(2);
        bad(signedBy(keys[0]), abi.encodeWithSelector(HouseSignatureLength.selector, 65, 130));
        bad(compact(signedBy(keys[0])), abi.encodeWithSelector(HouseSignatureLength.selector, 64, 130));
        bad(signedBy(keys), abi.encodeWithSelector(HouseSignatureLength.selector, 260, 130));
        needs(4);
        good(signedBy(keys));
    }

    function test_one_stranger_spoils_it() public {
        needs(2);
        bytes memory reason = abi.encodeWithSelector(NotHouseSigner.selector, vm.addr(STRANGER));
        bad(signedBy(keys[0], STRANGER), reason);
        bad(signedBy(STRANGER, keys[3]), reason);
    }

    function test_awards_of_removed_signers_die() public {
        Award memory award = signedBy(keys[0]);
        address[] memory signers = new address[](1);
        signers[0] = vm.addr(keys[1]);
        awards.setHouseSigners(signers, 1);
        bad(award, abi.encodeWithSelector(NotHouseSigner.selector, vm.addr(keys[0])));
        good(signedBy(keys[1]));
    }

    // --- cost

    function test_gas_of_the_common_case() public {
        // Of this, 20,000 + 2,100 mark the award as spent, 2 × 2,100 read the roles and the signer, 3,000 recover; the
        // rest is the harness, which is compiled without much of the optimizer.
        uint256 used = awards.measure(signedBy(keys[0]), SOLUTION);
        yes(used < 50_000, "gas of an award");
    }
}
