// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Types.sol";
import {World} from "./helpers/World.sol";

/// @dev What a batch of trades between two tokens costs: infinite allowances, balances that exist, owners that have used
///      a nonce before. The one trade of the smallest batch is served from the solver's cover. The tests themselves spend
///      what settle does, 21,000 and the calldata aside, plus a little; `-vv` prints the cost of the transaction.
contract GasTest is World {
    event log_named_uint(string key, uint256 value);

    address private _calldata1 = address(0xca11da7a0001);
    address private _calldata2 = address(0xca11da7a0002);
    address private _calldata10 = address(0xca11da7a0010);
    address private _calldata50 = address(0xca11da7a0050);

    mapping(uint256 count => uint256) private _intrinsic;

    function setUp() public override {
        super.setUp();
        deposit(solver, b, 1000 * ONE);
        _prepare(_calldata1, 1);
        _prepare(_calldata2, 2);
        _prepare(_calldata10, 10);
        _prepare(_calldata50, 50);
        mint(a, treasury, 1);
        mint(b, treasury, 1);
    }

    function test_gas_1() public {
        _measure(_calldata1, 1);
    }

    function test_gas_2() public {
        _measure(_calldata2, 2);
    }

    function test_gas_10() public {
        _measure(_calldata10, 10);
    }

    function test_gas_50() public {
        _measure(_calldata50, 50);
    }

    /// @dev The calldata is kept as the code of an address, so that reading it costs next to nothing.
    function _prepare(address store, uint256 count) private {
        Solution memory s = solution(count, 0);
        (s.tokens, s.prices, s.cover) = (new address[](2), new uint256[](2), new uint256[](2));
        (s.tokens[0], s.tokens[1]) = a < b ? (a, b) : (b, a);
        (s.prices[0], s.prices[1]) = (1, 1);
        if (count == 1) s.cover[s.tokens[0] == b ? 0 : 1] = ONE;
        for (uint256 i; i < count; ++i) {
            uint256 key = 0x10000 * count + i;
            (address give, address want) = i % 2 == 0 ? (a, b) : (b, a);
            address who = fund(key, give, 10 * ONE);
            mint(want, who, 1);
            Intent memory intent = sell(key, give, ONE, want, ONE * 99 / 100);
            vm.prank(who);
            settlement.cancel(intent.nonce ^ 1);
            s.fills[i] = fill(key, intent);
            s.fills[i].giveTokens[0] = give == s.tokens[0] ? 0 : 1;
            s.fills[i].wantTokens[0] = give == s.tokens[0] ? 1 : 0;
        }
        Entry memory e = entry(s, solver, 200_000 + 100_000 * count);
        bytes memory data = abi.encodeCall(settlement.settle, (bundle(e)));
        // The first byte only keeps the store from being run.
        vm.etch(store, abi.encodePacked(hex"00", data));
        _intrinsic[count] = 21_000;
        for (uint256 i; i < data.length; ++i) {
            _intrinsic[count] += data[i] == 0 ? 4 : 16;
        }
    }

    function _measure(address store, uint256 count) private {
        bytes memory data = store.code;
        vm.prank(house);
        uint256 gasBefore = gasleft();
        (bool ok, bytes memory returned) = _call(data);
        uint256 used = gasBefore - gasleft() + _intrinsic[count];
        yes(ok, "settle reverted");
        Outcome[] memory outcomes = abi.decode(returned, (Outcome[]));
        eq(outcomes[0].reason, "", "reason");
        emit log_named_uint("trades", count);
        emit log_named_uint("calldata bytes per trade", (data.length - 1) / count);
        emit log_named_uint("calldata gas per trade", (_intrinsic[count] - 21_000) / count);
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
