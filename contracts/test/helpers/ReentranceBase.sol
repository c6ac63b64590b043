// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LedgerTerms} from "../../src/interfaces/ILedger.sol";
import {Ledger} from "../../src/Ledger.sol";
import {SolverRegistry} from "../../src/SolverRegistry.sol";
import {Hook, Terms} from "../../src/Terms.sol";
import "../../src/Types.sol";
import {HookToken} from "./HostileTokens.sol";
import {World} from "./World.sol";

interface Artifacts {
    function envOr(string calldata name, string calldata value) external view returns (string memory);
    function parseJsonKeys(string calldata json, string calldata key) external pure returns (string[] memory);
    function readFile(string calldata path) external view returns (string memory);
}

/// @dev Everything that calls the token, ready to be done, and everything that it may call.
abstract contract ReentranceBase is World {
    uint256 private constant DUE = 100 * ONE;
    string[6] private names = ["Settlement", "Vault", "Executor", "HookRunner", "SolverRegistry", "Ledger"];

    HookToken internal hook;
    Ledger internal ledger;
    SolverRegistry internal bonds;
    address[6] internal doors;
    string[][] internal functions;
    mapping(bytes4 selector => bytes) internal worthwhile;
    mapping(bytes4 selector => bool) internal isLocked;
    mapping(bytes4 selector => bool) internal isInner;

    /// @dev What somebody does when the token calls back.
    enum Act {
        SETTLE,
        SETTLE_KEPT,
        SETTLE_OUTSIDE,
        SETTLE_HOOK,
        PREVIEW,
        DEPOSIT,
        WITHDRAW,
        EXIT,
        DEPOSIT_COVER,
        WITHDRAW_COVER,
        RELAY_PERMITS,
        JOIN,
        LEAVE,
        EXECUTE,
        LEDGER_DEPOSIT,
        LEDGER_WITHDRAW
    }

    function setUp() public virtual override {
        super.setUp();
        hook = new HookToken();
        addToken(address(hook));
        _deployOthers();
        doors =
            [address(settlement), address(vault), address(executor), address(runner), address(bonds), address(ledger)];
        _endow();
        _list();
        _nameLocked();
    }

    /// @dev A registry and a ledger whose bonds are posted in the token.
    function _deployOthers() private {
        bonds =
            SolverRegistry(deploy("SolverRegistry", abi.encode(hook, ONE, 1, 1 days, owner, house, owner, treasury)));
        LedgerTerms memory terms = LedgerTerms(1 hours, 2 hours, 1 days, 3 hours, 10e18, 5e18, 1e18);
        ledger =
            Ledger(deploy("Ledger", abi.encode(settlement, owner, house, vm.addr(SIGNER_KEY), treasury, hook, terms)));
    }

    /// @dev Everyone has a hundred of everything, in wallet, vault and cover: the attacker too, who is the token
    ///      itself.
    function _endow() private {
        address[4] memory all = [vm.addr(ALICE), vm.addr(BOB), solver, address(hook)];
        for (uint256 i; i < all.length; ++i) {
            hook.mint(all[i], 4 * DUE);
            mint(b, all[i], 3 * DUE);
            _call(all[i], address(hook), abi.encodeCall(hook.approve, (address(vault), 1e30)));
            _call(all[i], address(hook), abi.encodeCall(hook.approve, (address(bonds), 1e30)));
            _call(all[i], address(hook), abi.encodeCall(hook.approve, (address(ledger), 1e30)));
            _call(all[i], b, abi.encodeCall(hook.approve, (address(vault), 1e30)));
            address[2] memory both = [address(hook), b];
            for (uint256 t; t < 2; ++t) {
                _call(all[i], address(vault), abi.encodeCall(vault.deposit, (both[t], DUE, all[i])));
                _call(all[i], address(vault), abi.encodeCall(vault.depositCover, (both[t], DUE)));
                _call(all[i], address(vault), abi.encodeCall(vault.announceExit, (both[t])));
            }
            _call(all[i], address(bonds), abi.encodeCall(bonds.join, (10 * ONE)));
        }
        _call(solver, address(ledger), abi.encodeCall(ledger.deposit, (10 * ONE)));
        _call(owner, address(ledger), abi.encodeCall(ledger.announceWithdrawal, (5 * ONE)));
        _call(house, address(bonds), abi.encodeCall(bonds.propose, (solver, ONE, 0, "x", 1)));
        _call(vm.addr(ALICE), address(bonds), abi.encodeCall(bonds.announceLeave, ()));
        _call(address(hook), address(bonds), abi.encodeCall(bonds.announceLeave, ()));
        vm.warp(NOW + 1 days + 1);
    }

    function _call(address from, address to, bytes memory data) private returns (bytes memory) {
        vm.prank(from);
        (bool ok, bytes memory result) = to.call(data);
        if (!ok) revert NotEqualBytes("set up", result, data);
        return result;
    }

    function _list() private {
        Artifacts files = Artifacts(address(vm));
        string memory out = files.envOr("FOUNDRY_OUT", "out");
        for (uint256 i; i < names.length; ++i) {
            string memory path = string.concat(out, "/", names[i], ".sol/", names[i], ".json");
            functions.push(files.parseJsonKeys(files.readFile(path), ".methodIdentifiers"));
        }
        address me = address(hook);
        Move[] memory moves = new Move[](1);
        moves[0] = Move(b, uint160(vm.addr(BOB)) | BALANCE, uint160(me), ONE);
        _worth(abi.encodeCall(vault.pull, (moves)));
        _worth(abi.encodeCall(executor.pay, (moves)));
        Part[] memory parts = new Part[](2);
        (parts[0], parts[1]) = (Part(moves[0].from, ONE), Part(uint160(me) | BALANCE, ONE));
        _worth(abi.encodeCall(vault.rebook, (b, 1, parts)));
        moves[0].to = uint160(me) | BALANCE;
        _worth(abi.encodeCall(vault.credit, (moves)));
        _worth(abi.encodeCall(vault.deposit, (me, ONE, me)));
        _worth(abi.encodeCall(vault.withdraw, (me, ONE, me)));
        _worth(abi.encodeCall(vault.exit, (me, me)));
        _worth(abi.encodeCall(vault.depositCover, (me, ONE)));
        _worth(abi.encodeCall(vault.withdrawCover, (me, ONE)));
        _worth(abi.encodeCall(bonds.join, (10 * ONE)));
        _worth(abi.encodeCall(ledger.deposit, (ONE)));
        _worth(abi.encodeCall(ledger.collect, (me)));
        _worth(abi.encodeCall(settlement.settle, (bundle(entryOf(me)))));
        _worth(abi.encodeCall(settlement.preview, (bundle(entryOf(me)), new Probe[](0))));
    }

    function _worth(bytes memory data) private {
        worthwhile[bytes4(data)] = data;
    }

    function _nameLocked() private {
        _lock(settlement.settle.selector);
        _lock(settlement.preview.selector);
        _lock(vault.deposit.selector);
        _lock(vault.withdraw.selector);
        _lock(vault.exit.selector);
        _lock(vault.depositCover.selector);
        _lock(vault.withdrawCover.selector);
        _lock(bonds.join.selector);
        _lock(bonds.leave.selector);
        _lock(bonds.execute.selector);
        _lock(ledger.deposit.selector);
        _lock(ledger.withdraw.selector);
        _lock(ledger.collect.selector);
        _lock(ledger.challengeOmission.selector);
        _inner(vault.pull.selector);
        _inner(vault.rebook.selector);
        _inner(vault.credit.selector);
        _inner(vault.pullPermitted.selector);
        _inner(executor.run.selector);
        _inner(executor.runPacked.selector);
        _inner(executor.pay.selector);
        _inner(runner.open.selector);
        _inner(runner.close.selector);
        _inner(settlement.execute.selector);
    }

    function _lock(bytes4 selector) private {
        isLocked[selector] = true;
    }

    function _inner(bytes4 selector) private {
        isInner[selector] = true;
    }

    // --- what is done

    /// @dev An empty solution of a solver that is bonded nowhere but here.
    function entryOf(address by) private view returns (Entry memory) {
        return lasting(entry(solution(0, 0), by, 1_000_000));
    }

    /// @dev With a deadline later than the time of these tests.
    function lasting(Entry memory e) private view returns (Entry memory) {
        e.award.deadline = NOW + 2 days;
        e.award.signature = signed(SIGNER_KEY, digestOf(e));
        return e;
    }

    /// @dev Alice sells ten of the token to Bob for b.
    function trade(bool kept, bool outside, bool hooked) private returns (bytes memory) {
        Solution memory s = solution(outside ? 1 : 2, outside ? 1 : 0);
        Intent memory ask = sell(ALICE, address(hook), 10 * ONE, b, 10 * ONE);
        ask.validTo = uint48(NOW + 2 days);
        Terms memory t;
        if (hooked) {
            (t.before, t.afterwards) = (new Hook[](1), new Hook[](1));
            t.before[0] = Hook(address(hook), 900_000, true, abi.encodeCall(hook.poke, ()));
            t.afterwards[0] = t.before[0];
            ask.terms = keccak256(abi.encode(t));
        }
        s.fills[0] = fill(ALICE, ask);
        if (hooked) s.fills[0].terms = abi.encode(t);
        if (outside) {
            s.interactions[0].target = address(this);
            s.interactions[0].data = abi.encodeCall(this.exchange, ());
            s.interactions[0].allowances = new Allowance[](1);
            s.interactions[0].allowances[0] = Allowance(address(hook), address(this), 10 * ONE);
            s.interactions[0].inputs = amounts(address(hook), 10 * ONE);
            s.interactions[0].outputs = amounts(b, 10 * ONE);
        } else {
            Intent memory bid = sell(BOB, b, 10 * ONE, address(hook), 10 * ONE);
            bid.validTo = uint48(NOW + 2 days);
            s.fills[1] = fill(BOB, bid);
        }
        if (kept) _call(vm.addr(ALICE), address(settlement), abi.encodeCall(settlement.keepInVault, (true)));
        return abi.encodeCall(settlement.settle, (bundle(lasting(entry(s)))));
    }

    function exchange() external {
        hook.transferFrom(msg.sender, address(this), 10 * ONE);
        mint(b, msg.sender, 10 * ONE);
    }

    function prepare(Act act) internal returns (address from, address to, bytes memory data) {
        (from, to) = (vm.addr(ALICE), address(vault));
        address t = address(hook);
        if (act <= Act.PREVIEW) {
            (from, to) = (house, address(settlement));
            data = trade(act == Act.SETTLE_KEPT, act == Act.SETTLE_OUTSIDE, act == Act.SETTLE_HOOK);
            if (act == Act.PREVIEW) data = abi.encodePacked(settlement.preview.selector, _previewed(data));
        }
        if (act == Act.DEPOSIT) data = abi.encodeCall(vault.deposit, (t, ONE, from));
        if (act == Act.WITHDRAW) data = abi.encodeCall(vault.withdraw, (t, ONE, from));
        if (act == Act.EXIT) data = abi.encodeCall(vault.exit, (t, from));
        if (act == Act.DEPOSIT_COVER) data = abi.encodeCall(vault.depositCover, (t, ONE));
        if (act == Act.WITHDRAW_COVER) data = abi.encodeCall(vault.withdrawCover, (t, ONE));
        if (act == Act.RELAY_PERMITS) data = abi.encodeCall(vault.relayPermits, (_permits()));
        if (act == Act.JOIN) (to, data) = (address(bonds), abi.encodeCall(bonds.join, (ONE)));
        if (act == Act.LEAVE) (to, data) = (address(bonds), abi.encodeCall(bonds.leave, ()));
        if (act == Act.EXECUTE) (from, to, data) = (owner, address(bonds), abi.encodeCall(bonds.execute, (0)));
        if (act == Act.LEDGER_DEPOSIT) (to, data) = (address(ledger), abi.encodeCall(ledger.deposit, (ONE)));
        if (act == Act.LEDGER_WITHDRAW) {
            (from, to, data) = (owner, address(ledger), abi.encodeCall(ledger.withdraw, (owner)));
        }
    }

    function _permits() private view returns (Permit[] memory list) {
        list = new Permit[](1);
        list[0] = Permit(address(hook), vm.addr(ALICE), 1e30, NOW + 2 days, 0, PERMIT_EIP2612, 27, 0, 0);
    }

    function _previewed(bytes memory settleCall) private pure returns (bytes memory) {
        bytes memory arguments = new bytes(settleCall.length - 4);
        for (uint256 i; i < arguments.length; ++i) {
            arguments[i] = settleCall[i + 4];
        }
        return abi.encode(abi.decode(arguments, (Entry[])), new Probe[](0));
    }
}
