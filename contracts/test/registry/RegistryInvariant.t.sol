// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SolverRegistry} from "../../src/SolverRegistry.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {Base} from "../helpers/Base.sol";
import {Registered} from "./Registered.sol";

/// @dev Does something sensible, most of the time, with three solvers.
contract RegistryActor is Base {
    uint256 private constant ONE = 1e18;

    SolverRegistry private immutable registry;
    address private immutable accuser;
    address private immutable arbiter;
    uint256 private time;

    constructor(SolverRegistry registry_, address accuser_, address arbiter_, uint256 now_) {
        (registry, accuser, arbiter, time) = (registry_, accuser_, arbiter_, now_);
    }

    function solver(uint256 seed) public pure returns (address) {
        return address(uint160(0x501e40 + seed % 3));
    }

    /// @dev One of the latest, which are the likeliest to be open.
    function penalty(uint256 seed) private view returns (uint256) {
        uint256 count = registry.penaltyCount();
        return count == 0 ? 0 : count - 1 - within(seed, 0, count < 4 ? count - 1 : 3);
    }

    function join(uint256 seed, uint256 amount) external {
        vm.prank(solver(seed));
        registry.join(within(amount, 0, 500 * ONE));
    }

    function announceLeave(uint256 seed) external {
        vm.prank(solver(seed));
        registry.announceLeave();
    }

    function leave(uint256 seed) external {
        vm.prank(solver(seed));
        registry.leave();
    }

    function propose(uint256 seed, uint256 amount, uint256 benchSeconds) external {
        vm.prank(accuser);
        registry.propose(solver(seed), within(amount, 0, 400 * ONE), within(benchSeconds, 0, 9 days), "x", 1);
    }

    function execute(uint256 seed) external {
        uint256 id = penalty(seed);
        vm.prank(arbiter);
        registry.execute(id);
    }

    function withdraw(uint256 seed) external {
        uint256 id = penalty(seed);
        vm.prank(arbiter);
        registry.withdraw(id);
    }

    function lapse(uint256 seed) external {
        registry.lapse(penalty(seed));
    }

    function wait(uint256 seconds_) external {
        time += within(seconds_, 0, 3 days);
        vm.warp(time);
    }
}

contract RegistryInvariant is Registered {
    RegistryActor private actor;

    function setUp() public override {
        super.setUp();
        actor = new RegistryActor(registry, ACCUSER, ARBITER, NOW);
        for (uint256 i; i < 3; ++i) {
            give(actor.solver(i), 10_000 * ONE);
        }
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actor);
    }

    function invariant_the_registry_holds_every_bond() public view {
        uint256 sum;
        for (uint256 i; i < 3; ++i) {
            sum += registry.bondOf(actor.solver(i));
        }
        eq(bond.balanceOf(address(registry)), sum, "held");
    }

    function invariant_open_penalties_are_counted() public view {
        uint256[3] memory open;
        for (uint256 id; id < registry.penaltyCount(); ++id) {
            (address accused,,, bool isOpen,) = registry.penalties(id);
            if (isOpen) ++open[uint160(accused) - uint160(actor.solver(0))];
        }
        for (uint256 i; i < 3; ++i) {
            eq(registry.openPenalties(actor.solver(i)), open[i], "open");
        }
    }
}
