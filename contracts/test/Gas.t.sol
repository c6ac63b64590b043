// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Types.sol";
import {World} from "./helpers/World.sol";

/// @dev What a batch of trades between two tokens costs, all amounts different, with fees, infinite allowances, balances that
///      exist, and owners whose nonce word is in use (`used`), new (`fresh`), or who keep their funds in the vault (`vault`).
///      The one trade of the smallest batch is served from the solver's cover. The tests themselves spend what settle does,
///      21,000 and the calldata aside, plus a little; `-vv` prints the cost of the transaction.
contract GasTest is World {
    event log_named_uint(string key, uint256 value);

    enum Mode {
        Used,
        Fresh,
        Kept
    }

    uint256 private constant FEE = 1e12;
    /// @dev The key of a treasury that keeps its funds in the vault, too.
    uint256 private constant KEEPING_TREASURY = 0x7ea5;

    mapping(address store => uint256) private _intrinsic;

    function setUp() public override {
        super.setUp();
        deposit(solver, a, 1000 * ONE);
        deposit(solver, b, 1000 * ONE);
        _prepare(1, Mode.Used);
        _prepare(2, Mode.Used);
        _prepare(10, Mode.Used);
        _prepare(50, Mode.Used);
        _prepare(50, Mode.Fresh);
        _prepare(50, Mode.Kept);
        mint(a, treasury, 1);
        mint(b, treasury, 1);
        fund(KEEPING_TREASURY, b, ONE);
        _keep(fund(KEEPING_TREASURY, a, 10 * ONE), a, b);
    }

    function test_gas_1() public {
        _measure(1, Mode.Used);
    }

    function test_gas_2() public {
        _measure(2, Mode.Used);
    }

    function test_gas_10() public {
        _measure(10, Mode.Used);
    }

    function test_gas_50() public {
        _measure(50, Mode.Used);
    }

    function test_gas_50_fresh() public {
        _measure(50, Mode.Fresh);
    }

    function test_gas_50_vault() public {
        _measure(50, Mode.Kept);
    }

    function _store(uint256 count, Mode mode) private pure returns (address) {
        return address(uint160(0xca11da7a0000 + count * 16 + uint256(mode)));
    }

    /// @dev The calldata is kept as the code of an address, so that reading it costs next to nothing.
    function _prepare(uint256 count, Mode mode) private {
        Solution memory s = solution(count, 0);
        (s.tokens, s.prices, s.cover) = (new address[](2), new uint256[](2), new uint256[](2));
        (s.tokens[0], s.tokens[1]) = a < b ? (a, b) : (b, a);
        (s.prices[0], s.prices[1]) = (1, 1);
        if (count == 1) s.cover[s.tokens[0] == b ? 0 : 1] = 2 * ONE;
        for (uint256 i; i < count; ++i) {
            s.fills[i] = _trade(i, count, mode, s.tokens[0]);
        }
        Entry memory e = entry(s, solver, 200_000 + 100_000 * count);
        bytes memory data = abi.encodeCall(settlement.settle, (bundle(e)));
        // The first byte only keeps the store from being run.
        address store = _store(count, mode);
        vm.etch(store, abi.encodePacked(hex"00", data));
        _intrinsic[store] = 21_000;
        for (uint256 i; i < data.length; ++i) {
            _intrinsic[store] += data[i] == 0 ? 4 : 16;
        }
    }

    function _trade(uint256 i, uint256 count, Mode mode, address first) private returns (Fill memory made) {
        uint256 key = 0x10000 * (16 * count + uint256(mode)) + i;
        (address give, address want) = i % 2 == 0 ? (a, b) : (b, a);
        address who = fund(key, give, 10 * ONE);
        mint(want, who, 1e18);
        // The trades of one side add up to those of the other, less fees, but pair by pair they differ.
        uint256 amount = ONE + FEE;
        if (count > 2 && i / 2 != count / 2 - 1) amount += (i * 7919 % 13) * 1e15;
        else if (count > 2) amount += _balance(i, count);
        Intent memory intent = sell(key, give, amount, want, amount * 99 / 100);
        (intent.validFrom, intent.decayTo) = (0, 0);
        if (mode == Mode.Used) {
            vm.prank(who);
            settlement.cancel(intent.nonce ^ 1);
        }
        if (mode == Mode.Kept) _keep(who, give, want);
        made = fill(key, intent, amount, FEE);
        made.giveTokens[0] = give == first ? 0 : 1;
        made.wantTokens[0] = give == first ? 1 : 0;
        made.signature = compact(made.signature);
    }

    /// @dev What the last trade of a side has to add so that both sides give the same.
    function _balance(uint256 i, uint256 count) private pure returns (uint256) {
        uint256 mine;
        uint256 other;
        for (uint256 j; j + 2 < count; ++j) {
            if (j % 2 == i % 2) mine += j * 7919 % 13;
            else other += j * 7919 % 13;
        }
        return other > mine ? (other - mine) * 1e15 : 0;
    }

    function _keep(address who, address give, address want) private {
        vm.prank(who);
        vault.deposit(give, 5 * ONE, who);
        vm.prank(who);
        (bool ok,) = want.call(abi.encodeWithSignature("approve(address,uint256)", address(vault), type(uint256).max));
        yes(ok, "approve");
        vm.prank(who);
        vault.deposit(want, 1, who);
        vm.prank(who);
        settlement.keepInVault(true);
    }

    function _measure(uint256 count, Mode mode) private {
        bytes memory data = _store(count, mode).code;
        if (mode == Mode.Kept) {
            vm.prank(owner);
            settlement.setTreasury(vm.addr(KEEPING_TREASURY));
        }
        vm.prank(house);
        uint256 gasBefore = gasleft();
        (bool ok, bytes memory returned) = _call(data);
        uint256 intrinsic = _intrinsic[_store(count, mode)];
        uint256 used = gasBefore - gasleft() + intrinsic;
        yes(ok, "settle reverted");
        Outcome[] memory outcomes = abi.decode(returned, (Outcome[]));
        eq(outcomes[0].reason, "", "reason");
        emit log_named_uint("trades", count);
        emit log_named_uint("calldata bytes per trade", (data.length - 1) / count);
        emit log_named_uint("calldata gas per trade", (intrinsic - 21_000) / count);
        emit log_named_uint("execute gas per trade", outcomes[0].gasUsed / count);
        emit log_named_uint("transaction gas per trade", used / count);
        emit log_named_uint("transaction gas", used);
    }

    function _call(bytes memory data) private returns (bool ok, bytes memory returned) {
        address to = address(settlement);
        assembly ("memory-safe") {
            ok := call(gas(), to, 0, add(data, 0x21), sub(mload(data), 1), 0, 0)
            returned := mload(0x40)
            mstore(returned, returndatasize())
            returndatacopy(add(returned, 0x20), 0, returndatasize())
            mstore(0x40, add(add(returned, 0x20), and(add(returndatasize(), 0x1f), not(0x1f))))
        }
    }
}
