// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {House} from "../helpers/House.sol";

/// @dev How the house's contracts are put together.
contract DeploymentTest is House {
    function tryDeploy(string memory name, bytes memory encoded) external returns (address) {
        return deploy(name, encoded);
    }

    function arguments(address first, address vault_, address executor_, address registry_, address runner_)
        private
        view
        returns (bytes memory)
    {
        return abi.encode(first, house, house, treasury, vault_, executor_, registry_, weth, runner_);
    }

    function elsewhere(address part) private {
        vm.expectRevert(abi.encodeWithSelector(WiredElsewhere.selector, part, address(settlement)));
    }

    function test_settlement_is_deployed_where_it_was_announced() public {
        (address e, address r, address h) = (address(executor), address(registry), address(runner));
        elsewhere(address(vault));
        this.tryDeploy("Settlement", arguments(owner, address(vault), e, r, h));
        // A new vault for the next address, then a new executor: what is left belongs to another settlement.
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        address newVault = deploy("Vault", abi.encode(next));
        address newExecutor = deploy("Executor", abi.encode(next, newVault, registry, weth, runner));
        elsewhere(h);
        this.tryDeploy("Settlement", arguments(owner, newVault, newExecutor, r, h));
        next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        newVault = deploy("Vault", abi.encode(next));
        elsewhere(e);
        this.tryDeploy("Settlement", arguments(owner, newVault, e, r, h));
    }

    function test_zero_addresses_are_refused() public {
        bytes memory zero = abi.encodeWithSelector(ZeroAddress.selector);
        vm.expectRevert(zero);
        this.tryDeploy("Vault", abi.encode(address(0)));
        vm.expectRevert(zero);
        this.tryDeploy("Executor", abi.encode(vault, vault, address(0), weth, runner));
        vm.expectRevert(zero);
        this.tryDeploy("HookRunner", abi.encode(vault, vault, vault, address(0)));
        (address v, address e, address r, address h) =
            (address(vault), address(executor), address(registry), address(runner));
        vm.expectRevert(zero);
        this.tryDeploy("Settlement", arguments(address(0), v, e, r, h));
        vm.expectRevert(zero);
        this.tryDeploy("Settlement", arguments(owner, v, e, address(0), h));
    }

    function test_wiring() public view {
        eq(address(settlement.vault()), address(vault), "vault");
        eq(address(settlement.executor()), address(executor), "executor");
        eq(address(settlement.registry()), address(registry), "registry");
        eq(address(settlement.hookRunner()), address(runner), "hook runner");
        eq(settlement.wrappedNative(), address(weth), "wrapped native");
        eq(executor.vault(), address(vault), "executor's vault");
        eq(executor.registry(), address(registry), "executor's registry");
        eq(executor.wrappedNative(), address(weth), "executor's wrapped native");
        eq(executor.hookRunner(), address(runner), "executor's hook runner");
        eq(runner.settlement(), address(settlement), "hook runner's settlement");
    }
}
