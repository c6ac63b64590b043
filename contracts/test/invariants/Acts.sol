// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Types.sol";
import {Law} from "./Ghosts.sol";
import {Handler} from "./Handler.sol";
import {Dice} from "./Trades.sol";

/// @dev What owners, the operator, strangers and time do between trades.
abstract contract Acts is Handler {
    /// @dev Cancels, raises its epoch, or changes where its funds are kept.
    function ownerActs(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        uint256 what = roll(d, 0, 7);
        address who = traders[roll(d, 0, TRADERS - 1)];
        if (what < 4) return _cancel(d);
        if (what == 4) return _raiseEpoch(who);
        ghostKeeps[who] = oneIn(d, 2);
        vm.prank(who);
        settlement.keepInVault(ghostKeeps[who]);
    }

    /// @dev A late intent, begun or not; then somebody tries to go on with it all the same.
    function _cancel(Dice memory d) private {
        if (tickets.length == 0) return;
        uint256 latest = tickets.length < 8 ? tickets.length : 8;
        Fill memory f = abi.decode(tickets[tickets.length - roll(d, 1, latest)].fill, (Fill));
        Intent memory i = f.intent;
        if (i.nonce >> 192 != ghostEpoch[i.owner]) return;
        vm.prank(i.owner);
        if (oneIn(d, 2)) settlement.cancel(i.nonce);
        else settlement.cancelWord(i.nonce >> 8, 1 << (i.nonce & 0xff));
        cancelled[i.owner][i.nonce] = true;
        f.executed = i.fill == PARTIAL ? i.minFill : f.executed;
        f.fee = giveBound(f) / 500;
        Solution memory s = solutionAt(_pricesFor(f, d), 1, 1e30);
        s.fills[0] = f;
        play(s);
    }

    function _raiseEpoch(address who) private {
        vm.prank(who);
        settlement.raiseEpoch();
        ++ghostEpoch[who];
        breaks(Law.EPOCH_STEP, settlement.epochOf(who) != ghostEpoch[who]);
        if (tickets.length == 0) return;
        Fill memory f = abi.decode(tickets[tickets.length - 1].fill, (Fill));
        Solution memory s = solutionAt(_pricesFor(f, Dice(ghostEpoch[who])), 1, 1e30);
        s.fills[0] = f;
        play(s);
    }

    /// @dev Deposits, withdrawals, exits; of solvers, cover.
    function vaultActs(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        uint256 what = roll(d, 0, 5);
        uint256 t = roll(d, 0, tokens.length - 1);
        address who = traders[roll(d, 0, TRADERS - 1)];
        uint256 amount = roll(d, 1, 1e28);
        if (what == 0) _deposit(who, t, amount, traders[roll(d, 0, TRADERS - 1)]);
        if (what == 1 && ghostKept[who][t] > amount) _withdraw(who, t, amount);
        if (what == 2) {
            vm.prank(who);
            vault.announceExit(tokens[t]);
        }
        if (what == 3) _exit(who, t);
        if (what == 4 && vault.coverOf(rival, tokens[t]) > 1e31) {
            vm.prank(rival);
            vault.withdrawCover(tokens[t], amount);
        }
        if (what == 5 && balance(tokens[t], rival) >= amount) {
            vm.prank(rival);
            vault.depositCover(tokens[t], amount);
        }
    }

    function _deposit(address who, uint256 t, uint256 amount, address to) private {
        vm.prank(who);
        uint256 received = vault.deposit(tokens[t], amount, to);
        ghostKept[to][t] += received;
        breaks(Law.CONSERVED, received != amount);
    }

    function _withdraw(address who, uint256 t, uint256 amount) private {
        vm.prank(who);
        vault.withdraw(tokens[t], amount, who);
        ghostKept[who][t] -= amount;
    }

    /// @dev Once its time has come it works, and not before.
    function _exit(address who, uint256 t) private {
        uint256 at = vault.exitsAt(who, tokens[t]);
        bool due = at != 0 && clock >= at;
        vm.prank(who);
        try vault.exit(tokens[t], who) returns (uint256 amount) {
            breaks(Law.PAUSE, !due || amount != ghostKept[who][t]);
            ghostKept[who][t] = 0;
            _deposit(who, t, 1e30, who);
        } catch {
            breaks(Law.PAUSE, due);
        }
    }

    function wait(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        clock += oneIn(d, 8) ? roll(d, 1 hours, 26 hours) : roll(d, 1, 10 minutes);
        vm.warp(clock);
    }

    /// @dev The operator stops settling: everything that is not settling, or withdrawing, goes on.
    function pause(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        Solution memory s = _fresh(d, 1, roll(d, 0, TRADERS - 1));
        Entry[] memory entries = bundle(award(s, solver));
        vm.prank(owner);
        settlement.pause();
        vm.prank(house);
        (bool ok, bytes memory reason) = address(settlement).call(abi.encodeCall(settlement.settle, (entries)));
        breaks(Law.PAUSE, ok || bytes4(reason) != bytes4(keccak256("Paused()")));
        address who = traders[roll(d, 0, TRADERS - 1)];
        uint256 t = roll(d, 0, tokens.length - 1);
        _exit(who, t);
        _deposit(who, t, 1e18, who);
        vm.prank(who);
        (ok,) = address(vault).call(abi.encodeCall(vault.withdraw, (tokens[t], 1, who)));
        breaks(Law.PAUSE, ok);
        vm.prank(who);
        vault.announceExit(tokens[t]);
        vm.prank(who);
        settlement.keepInVault(ghostKeeps[who]);
        vm.prank(rival);
        vault.withdrawCover(tokens[t], 1);
        vm.prank(who);
        settlement.cancel(ghostEpoch[who] << 192 | (1 << 190));
        cancelled[who][ghostEpoch[who] << 192 | (1 << 190)] = true;
        vm.prank(owner);
        settlement.unpause();
        play(list(s), entries, house);
    }

    /// @dev Anyone at the doors that only the settlement may use.
    function strangersCall(uint256 seed) external counted {
        Dice memory d = Dice(seed);
        uint256 t = roll(d, 0, tokens.length - 1);
        Move[] memory moves = new Move[](1);
        moves[0] = Move(tokens[t], uint160(traders[0]) | (oneIn(d, 2) ? BALANCE : 0), uint160(address(thief)), 1e6);
        address[6] memory doors =
            [address(vault), address(vault), address(executor), address(runner), address(settlement), address(vault)];
        Interaction[] memory none;
        Permitted memory permitted;
        bytes[6] memory data = [
            abi.encodeCall(vault.pull, (moves)),
            abi.encodeCall(vault.credit, (moves)),
            abi.encodeCall(executor.run, (none, tokens)),
            abi.encodeCall(runner.open, ("", bytes32(0), solver)),
            abi.encodeCall(settlement.execute, (hex"0100000000", solver)),
            abi.encodeCall(vault.pullPermitted, (permitted, address(thief)))
        ];
        address[4] memory callers = [address(thief), house, solver, owner];
        for (uint256 i; i < doors.length; ++i) {
            vm.prank(callers[roll(d, 0, 3)]);
            (bool ok,) = doors[i].call(data[i]);
            breaks(Law.ONLY_SETTLEMENT, ok);
        }
    }
}
