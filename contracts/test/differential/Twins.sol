// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConstantProductPool} from "../../src/testing/ConstantProductPool.sol";
import {SettlementPlain} from "../../src/testing/SettlementPlain.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {Trades} from "../invariants/Trades.sol";

/// @dev One house with two decoders: the code of the plain twin can take the place of the packed settlement's, at the
///      same address and with the same state, so that every signature is good for both. Trials leave no trace.
abstract contract Twins is Trades {
    /// @dev All that a trial did. `state` and `logs` are hashes.
    struct Trial {
        bool ok;
        bytes reason;
        bytes32 state;
        bytes32 logs;
        uint256 filled;
    }

    error Done(Trial trial);

    bytes32 private constant FILLED = keccak256("Filled(bytes32,address,uint256)");
    bytes32 private constant SETTLED = keccak256("SolutionSettled(uint256,address,bytes32)");
    bytes32 private constant FAILED = keccak256("SolutionFailed(uint256,address,bytes32,bytes)");

    ConstantProductPool internal liquidity;
    bytes private _packedCode;
    bytes private _plainCode;
    address[] internal accounts;

    function setUp() public virtual override {
        super.setUp();
        _packedCode = address(settlement).code;
        _plainCode = _construct();
        use(false);
        liquidity = pool(a, 1e27, b, 1e27);
        for (uint256 t; t < tokens.length; ++t) {
            deposit(solver, tokens[t], RICH);
        }
        accounts = traders;
        for (uint256 i; i < TRADERS; ++i) {
            accounts.push(address(uint160(0x1000 + i)));
        }
        address[6] memory others =
            [SHARER, treasury, address(vault), address(executor), address(liquidity), address(runner)];
        for (uint256 i; i < others.length; ++i) {
            accounts.push(others[i]);
        }
    }

    /// @dev What the twin's constructor returns when it runs at the settlement's address; it writes what is there
    ///      already.
    function _construct() private returns (bytes memory runtime) {
        bytes memory arguments =
            abi.encode(owner, house, vm.addr(SIGNER_KEY), treasury, vault, executor, registry, weth, runner);
        bytes memory creation = shipped("SettlementPlain");
        vm.etch(address(settlement), abi.encodePacked(creation, arguments));
        bool ok;
        (ok, runtime) = address(settlement).call("");
        yes(ok && runtime.length > 10_000, "the twin is constructed");
    }

    function use(bool plain) internal {
        vm.etch(address(settlement), plain ? _plainCode : _packedCode);
    }

    // --- trials

    function trial(Solution memory s, bytes memory data, bool plain) internal returns (Trial memory) {
        use(plain);
        Entry memory e;
        e.solution = data;
        e.award = Award(7, solver, 6_000_000, NOW + 60, "");
        e.award.signature = signed(SIGNER_KEY, digestOf(e));
        return _result(abi.encodeCall(this.trySettle, (e, _uids(s))));
    }

    /// @dev Without award and isolation: only what a solution does.
    function trialAlone(bytes memory data, bool plain) internal returns (Trial memory) {
        use(plain);
        return _result(abi.encodeCall(this.tryExecute, (data)));
    }

    function _result(bytes memory call) private returns (Trial memory) {
        (, bytes memory data) = address(this).call(call);
        yes(bytes4(data) == Done.selector, "a trial ends with its result");
        assembly ("memory-safe") {
            let length := sub(mload(data), 4)
            data := add(data, 4)
            mstore(data, length)
        }
        return abi.decode(data, (Trial));
    }

    function trySettle(Entry calldata e, bytes32[] calldata uids) external {
        Trial memory t;
        vm.recordLogs();
        Outcome memory outcome = settle(bundle(e))[0];
        (t.ok, t.reason) = (outcome.settled, outcome.reason);
        _finish(t, uids);
    }

    function tryExecute(bytes calldata data) external {
        Trial memory t;
        vm.recordLogs();
        vm.prank(address(settlement));
        (t.ok, t.reason) = address(settlement).call(abi.encodeCall(settlement.execute, (data, solver)));
        _finish(t, new bytes32[](0));
    }

    function _finish(Trial memory t, bytes32[] memory uids) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length && t.ok; ++i) {
            bytes32 kind = logs[i].topics[0];
            // These carry the hash of the encoded solution.
            if (kind == SETTLED || kind == FAILED) continue;
            if (kind == FILLED) ++t.filled;
            t.logs = keccak256(abi.encode(t.logs, logs[i]));
        }
        t.state = _state(uids);
        revert Done(t);
    }

    function _uids(Solution memory s) private view returns (bytes32[] memory uids) {
        uids = new bytes32[](s.fills.length);
        for (uint256 i; i < uids.length; ++i) {
            uids[i] = settlement.intentDigest(s.fills[i].intent);
        }
    }

    /// @dev Every balance, and what the settlement remembers.
    function _state(bytes32[] memory uids) private view returns (bytes32 hash) {
        for (uint256 t; t < tokens.length; ++t) {
            for (uint256 i; i < accounts.length; ++i) {
                hash = keccak256(abi.encode(hash, balance(tokens[t], accounts[i])));
            }
            for (uint256 i; i < TRADERS; ++i) {
                hash = keccak256(abi.encode(hash, vault.balanceOf(traders[i], tokens[t])));
            }
            hash = keccak256(abi.encode(hash, vault.coverOf(solver, tokens[t]), vault.totalHeld(tokens[t])));
        }
        for (uint256 i; i < accounts.length; ++i) {
            hash = keccak256(abi.encode(hash, accounts[i].balance));
        }
        for (uint256 i; i < TRADERS; ++i) {
            hash = keccak256(abi.encode(hash, settlement.takenWord(traders[i], 0)));
        }
        for (uint256 i; i < uids.length; ++i) {
            hash = keccak256(abi.encode(hash, settlement.filled(uids[i])));
        }
    }
}
