// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OnlyOwner, ZeroAddress} from "../../src/Errors.sol";
import {OnlyPauser, Paused, SignersNotAscending, ThresholdOutOfRange} from "../../src/RoleErrors.sol";
import {Roles} from "../../src/Roles.sol";
import {Base, Vm} from "../helpers/Base.sol";

contract RolesHarness is Roles {
    constructor(address owner_, address house_, address houseSigner_, address treasury_)
        Roles(owner_, house_, houseSigner_, treasury_)
    {}

    function houseRunning() external view returns (address) {
        return _houseRunning();
    }
}

/// @dev Who runs the house.
contract RolesTest is Base {
    address private constant OWNER = address(0x0e4);
    address private constant HOUSE = address(0x4005e);
    address private constant SIGNER = address(0x5163e4);
    address private constant TREASURY = address(0x74ea5);
    address private constant PAUSER = address(0x9a05e4);

    RolesHarness private roles;

    function setUp() public {
        roles = new RolesHarness(OWNER, HOUSE, SIGNER, TREASURY);
    }

    function list(address one) private pure returns (address[] memory signers) {
        signers = new address[](1);
        signers[0] = one;
    }

    function list(address one, address two) private pure returns (address[] memory signers) {
        signers = new address[](2);
        (signers[0], signers[1]) = (one, two);
    }

    // --- construction

    function test_the_first_roles() public view {
        eq(roles.owner(), OWNER, "owner");
        eq(roles.house(), HOUSE, "house");
        eq(roles.treasury(), TREASURY, "treasury");
        eq(roles.pauser(), address(0), "no pauser");
        eq(roles.threshold(), 1, "one signature");
        yes(roles.isHouseSigner(SIGNER), "signer");
        yes(!roles.isHouseSigner(HOUSE) && !roles.isHouseSigner(address(0)), "nobody else signs");
        yes(!roles.paused(), "running");
        eq(roles.houseRunning(), HOUSE, "running house");
    }

    function test_no_first_role_is_zero() public {
        bytes memory zero = abi.encodeWithSelector(ZeroAddress.selector);
        vm.expectRevert(zero);
        new RolesHarness(address(0), HOUSE, SIGNER, TREASURY);
        vm.expectRevert(zero);
        new RolesHarness(OWNER, address(0), SIGNER, TREASURY);
        vm.expectRevert(zero);
        new RolesHarness(OWNER, HOUSE, SIGNER, address(0));
        vm.expectRevert(zero);
        new RolesHarness(OWNER, HOUSE, address(0), TREASURY);
    }

    // --- rotation

    function test_owner_rotates_roles() public {
        vm.prank(OWNER);
        roles.setHouse(address(1));
        vm.prank(OWNER);
        roles.setTreasury(address(3));
        vm.prank(OWNER);
        roles.setPauser(address(4));
        eq(roles.house(), address(1), "house");
        eq(roles.treasury(), address(3), "treasury");
        eq(roles.pauser(), address(4), "pauser");
        yes(roles.isHouseSigner(SIGNER) && roles.threshold() == 1 && !roles.paused(), "the neighbours in the slot");
    }

    function test_rotations_are_events() public {
        vm.recordLogs();
        vm.prank(OWNER);
        roles.setHouse(address(1));
        Vm.Log memory log = vm.getRecordedLogs()[0];
        eq(log.topics[0], Roles.HouseChanged.selector, "event");
        eq(address(uint160(uint256(log.topics[1]))), HOUSE, "previous");
        eq(address(uint160(uint256(log.topics[2]))), address(1), "current");
    }

    function test_only_the_owner_rotates() public {
        bytes[5] memory calls = [
            abi.encodeCall(roles.setHouse, (address(1))),
            abi.encodeCall(roles.setTreasury, (address(1))),
            abi.encodeCall(roles.setPauser, (address(1))),
            abi.encodeCall(roles.setHouseSigners, (list(address(1)), 1)),
            abi.encodeCall(roles.unpause, ())
        ];
        for (uint256 k; k < calls.length; ++k) {
            (bool ok, bytes memory data) = address(roles).call(calls[k]);
            yes(!ok, "not the owner");
            eq(data, abi.encodeWithSelector(OnlyOwner.selector, address(this)), "not the owner");
        }
    }

    function test_house_and_treasury_are_not_zero() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ZeroAddress.selector));
        roles.setHouse(address(0));
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ZeroAddress.selector));
        roles.setTreasury(address(0));
    }

    // --- house signers

    function test_a_new_set_of_signers_replaces_the_old_one() public {
        vm.prank(OWNER);
        roles.setHouseSigners(list(address(5), address(6)), 2);
        eq(roles.threshold(), 2, "threshold");
        yes(roles.isHouseSigner(address(5)) && roles.isHouseSigner(address(6)), "new ones");
        yes(!roles.isHouseSigner(SIGNER), "the old one is out");
        eq(roles.house(), HOUSE, "the neighbour in the slot");
        vm.prank(OWNER);
        roles.setHouseSigners(list(address(6), SIGNER), 1);
        yes(roles.isHouseSigner(SIGNER) && roles.isHouseSigner(address(6)), "back again");
        yes(!roles.isHouseSigner(address(5)), "out");
    }

    function test_threshold_is_never_zero_nor_above_the_count() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ThresholdOutOfRange.selector, 0, 2));
        roles.setHouseSigners(list(address(5), address(6)), 0);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ThresholdOutOfRange.selector, 3, 2));
        roles.setHouseSigners(list(address(5), address(6)), 3);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ThresholdOutOfRange.selector, 1, 0));
        roles.setHouseSigners(new address[](0), 1);
    }

    function test_signers_are_listed_once_and_in_order() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(SignersNotAscending.selector, address(5), address(5)));
        roles.setHouseSigners(list(address(5), address(5)), 2);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(SignersNotAscending.selector, address(6), address(5)));
        roles.setHouseSigners(list(address(6), address(5)), 2);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(SignersNotAscending.selector, address(0), address(0)));
        roles.setHouseSigners(list(address(0), address(5)), 1);
        yes(roles.isHouseSigner(SIGNER), "the old set stays");
    }

    function testFuzz_only_the_listed_sign(uint8 count, uint8 threshold, address stranger) public {
        address[] memory signers = new address[](within(count, 1, 20));
        for (uint256 i; i < signers.length; ++i) {
            signers[i] = address(uint160(1000 + 7 * i));
            vm.assume(stranger != signers[i]);
        }
        uint8 needed = uint8(within(threshold, 1, signers.length));
        vm.prank(OWNER);
        roles.setHouseSigners(signers, needed);
        eq(roles.threshold(), needed, "threshold");
        for (uint256 i; i < signers.length; ++i) {
            yes(roles.isHouseSigner(signers[i]), "listed");
        }
        yes(!roles.isHouseSigner(stranger), "not listed");
    }

    // --- stopping

    function test_pauser_stops_and_only_the_owner_resumes() public {
        vm.prank(OWNER);
        roles.setPauser(PAUSER);
        vm.prank(PAUSER);
        roles.pause();
        yes(roles.paused(), "paused");
        vm.expectRevert(abi.encodeWithSelector(Paused.selector));
        roles.houseRunning();
        vm.prank(PAUSER);
        vm.expectRevert(abi.encodeWithSelector(OnlyOwner.selector, PAUSER));
        roles.unpause();
        vm.prank(OWNER);
        roles.unpause();
        eq(roles.houseRunning(), HOUSE, "running again");
        eq(roles.threshold(), 1, "the neighbour in the slot");
    }

    function test_only_pauser_and_owner_stop() public {
        address[2] memory others = [address(this), HOUSE];
        for (uint256 k; k < others.length; ++k) {
            vm.prank(others[k]);
            vm.expectRevert(abi.encodeWithSelector(OnlyPauser.selector, others[k]));
            roles.pause();
        }
        vm.prank(OWNER);
        roles.pause();
        yes(roles.paused(), "owner");
    }

    function test_a_pauser_can_be_taken_away() public {
        vm.prank(OWNER);
        roles.setPauser(PAUSER);
        vm.prank(OWNER);
        roles.setPauser(address(0));
        vm.prank(PAUSER);
        vm.expectRevert(abi.encodeWithSelector(OnlyPauser.selector, PAUSER));
        roles.pause();
    }
}
