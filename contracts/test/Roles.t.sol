// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Errors.sol";
import {Roles} from "../src/Roles.sol";
import {Vm} from "./helpers/Base.sol";
import {House} from "./helpers/House.sol";

/// @dev Who runs the house, and how its contracts are put together.
contract RolesTest is House {
    function test_owner_rotates_roles() public {
        vm.prank(owner);
        settlement.setHouse(address(1));
        vm.prank(owner);
        settlement.setHouseSigner(address(2));
        vm.prank(owner);
        settlement.setTreasury(address(3));
        eq(settlement.house(), address(1), "house");
        eq(settlement.houseSigner(), address(2), "signer");
        eq(settlement.treasury(), address(3), "treasury");
    }

    function test_rotations_are_events() public {
        vm.recordLogs();
        vm.prank(owner);
        settlement.setHouse(address(1));
        Vm.Log memory log = vm.getRecordedLogs()[0];
        eq(log.topics[0], Roles.HouseChanged.selector, "event");
        eq(address(uint160(uint256(log.topics[1]))), house, "previous");
        eq(address(uint160(uint256(log.topics[2]))), address(1), "current");
    }

    function test_roles_are_not_zero_and_only_the_owner_rotates_them() public {
        bytes[3] memory calls = [
            abi.encodeCall(settlement.setHouse, (address(0))),
            abi.encodeCall(settlement.setHouseSigner, (address(0))),
            abi.encodeCall(settlement.setTreasury, (address(0)))
        ];
        for (uint256 k; k < 3; ++k) {
            vm.prank(owner);
            (bool ok, bytes memory data) = address(settlement).call(calls[k]);
            yes(!ok && bytes4(data) == ZeroAddress.selector, "zero");
            (ok, data) = address(settlement).call(calls[k]);
            yes(!ok, "not the owner");
            eq(data, abi.encodeWithSelector(OnlyOwner.selector, address(this)), "not the owner");
        }
    }

    function test_ownership_is_offered_and_accepted() public {
        vm.expectRevert(abi.encodeWithSelector(OnlyOwner.selector, address(this)));
        settlement.offerOwnership(address(5));
        vm.prank(owner);
        settlement.offerOwnership(address(5));
        vm.expectRevert(abi.encodeWithSelector(OnlyPendingOwner.selector, address(this)));
        settlement.acceptOwnership();
        eq(settlement.owner(), owner, "not yet");
        vm.prank(address(5));
        settlement.acceptOwnership();
        eq(settlement.owner(), address(5), "owner");
        eq(settlement.pendingOwner(), address(0), "no offer left");
    }

    // --- deployment

    function tryDeploy(string memory name, bytes memory arguments) external returns (address) {
        return deploy(name, arguments);
    }

    function test_settlement_is_deployed_where_it_was_announced() public {
        bytes memory arguments = abi.encode(owner, house, house, treasury, vault, executor, registry, weth);
        vm.expectRevert(abi.encodeWithSelector(WiredElsewhere.selector, address(vault), address(settlement)));
        this.tryDeploy("Settlement", arguments);
        // A vault for the next address and the executor of another settlement.
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        address fresh = deploy("Vault", abi.encode(next));
        arguments = abi.encode(owner, house, house, treasury, fresh, executor, registry, weth);
        vm.expectRevert(abi.encodeWithSelector(WiredElsewhere.selector, address(executor), address(settlement)));
        this.tryDeploy("Settlement", arguments);
    }

    function test_zero_addresses_are_refused() public {
        bytes memory e = abi.encodeWithSelector(ZeroAddress.selector);
        vm.expectRevert(e);
        this.tryDeploy("Vault", abi.encode(address(0)));
        vm.expectRevert(e);
        this.tryDeploy("Executor", abi.encode(vault, vault, address(0), weth));
        vm.expectRevert(e);
        this.tryDeploy("SolverRegistry", abi.encode(bond, 1, 1, address(0)));
        vm.expectRevert(e);
        this.tryDeploy("Settlement", abi.encode(address(0), house, house, treasury, vault, executor, registry, weth));
        vm.expectRevert(e);
        this.tryDeploy("Settlement", abi.encode(owner, house, house, treasury, vault, executor, address(0), weth));
    }

    function test_wiring() public view {
        eq(address(settlement.vault()), address(vault), "vault");
        eq(address(settlement.executor()), address(executor), "executor");
        eq(address(settlement.registry()), address(registry), "registry");
        eq(settlement.wrappedNative(), address(weth), "wrapped native");
        eq(executor.vault(), address(vault), "executor's vault");
        eq(executor.registry(), address(registry), "executor's registry");
        eq(executor.wrappedNative(), address(weth), "executor's wrapped native");
    }
}
