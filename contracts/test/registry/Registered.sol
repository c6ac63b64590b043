// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SolverRegistry} from "../../src/SolverRegistry.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {Base} from "../helpers/Base.sol";

/// @dev A registry, and one solver with tokens that it has allowed the registry to take.
abstract contract Registered is Base {
    uint256 internal constant ONE = 1e18;
    uint256 internal constant NOW = 1_800_000_000;
    uint256 internal constant NOTICE = 3 days;
    uint256 internal constant ANSWER = 1 days;

    address internal constant OWNER = address(0x0e4);
    address internal constant ACCUSER = address(0xacc);
    address internal constant ARBITER = address(0xa4b);
    address internal constant BENEFICIARY = address(0xbe7e);
    address internal constant SOLVER = address(0x501e4);

    TestToken internal bond;
    SolverRegistry internal registry;

    function setUp() public virtual {
        vm.warp(NOW);
        bond = TestToken(deploy("TestToken", abi.encode("BOND", "BOND", 18, this)));
        registry = registryOf(address(bond));
        give(SOLVER, 1000 * ONE);
    }

    function registryOf(address token) internal returns (SolverRegistry) {
        return SolverRegistry(
            deploy("SolverRegistry", abi.encode(token, 100 * ONE, NOTICE, ANSWER, OWNER, ACCUSER, ARBITER, BENEFICIARY))
        );
    }

    function give(address who, uint256 amount) internal {
        address[] memory accounts = new address[](1);
        uint256[] memory values = new uint256[](1);
        (accounts[0], values[0]) = (who, amount);
        bond.mintBatch(accounts, values);
        vm.prank(who);
        bond.approve(address(registry), type(uint256).max);
    }

    function join(address who, uint256 amount) internal {
        vm.prank(who);
        registry.join(amount);
    }

    function announceLeave(address who) internal {
        vm.prank(who);
        registry.announceLeave();
    }

    function leave(address who) internal {
        vm.prank(who);
        registry.leave();
    }

    function propose(uint256 amount, uint256 benchSeconds) internal returns (uint256) {
        vm.prank(ACCUSER);
        return registry.propose(SOLVER, amount, benchSeconds, "won and did not settle", 7);
    }

    function execute(uint256 id) internal {
        vm.prank(ARBITER);
        registry.execute(id);
    }

    function withdraw(uint256 id) internal {
        vm.prank(ARBITER);
        registry.withdraw(id);
    }
}
