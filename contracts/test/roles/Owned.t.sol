// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OnlyOwner, OnlyPendingOwner, ZeroAddress} from "../../src/Errors.sol";
import {Owned} from "../../src/Owned.sol";
import {Base} from "../helpers/Base.sol";

contract OwnedHarness is Owned {
    constructor(address owner_) Owned(owner_) {}

    function guarded() external view onlyOwner returns (bool) {
        return true;
    }
}

contract OwnedTest is Base {
    address private constant FIRST = address(0x0e4);
    address private constant NEXT = address(0x2e4);

    OwnedHarness private owned;

    function setUp() public {
        owned = new OwnedHarness(FIRST);
    }

    function test_there_is_always_an_owner() public {
        eq(owned.owner(), FIRST, "owner");
        vm.expectRevert(abi.encodeWithSelector(ZeroAddress.selector));
        new OwnedHarness(address(0));
    }

    function test_only_the_owner_passes() public {
        vm.prank(FIRST);
        yes(owned.guarded(), "owner");
        vm.expectRevert(abi.encodeWithSelector(OnlyOwner.selector, address(this)));
        owned.guarded();
    }

    function test_ownership_is_offered_and_accepted() public {
        vm.expectRevert(abi.encodeWithSelector(OnlyOwner.selector, address(this)));
        owned.offerOwnership(NEXT);
        vm.prank(FIRST);
        owned.offerOwnership(NEXT);
        eq(owned.owner(), FIRST, "not yet");
        vm.expectRevert(abi.encodeWithSelector(OnlyPendingOwner.selector, address(this)));
        owned.acceptOwnership();
        vm.prank(NEXT);
        owned.acceptOwnership();
        eq(owned.owner(), NEXT, "owner");
        eq(owned.pendingOwner(), address(0), "no offer left");
        vm.expectRevert(abi.encodeWithSelector(OnlyPendingOwner.selector, NEXT));
        vm.prank(NEXT);
        owned.acceptOwnership();
    }

    function test_an_offer_is_cancelled_by_offering_to_nobody() public {
        vm.prank(FIRST);
        owned.offerOwnership(NEXT);
        vm.prank(FIRST);
        owned.offerOwnership(address(0));
        vm.expectRevert(abi.encodeWithSelector(OnlyPendingOwner.selector, NEXT));
        vm.prank(NEXT);
        owned.acceptOwnership();
        eq(owned.owner(), FIRST, "still the first");
    }
}
