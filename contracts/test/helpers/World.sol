// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConstantProductPool} from "../../src/testing/ConstantProductPool.sol";
import "../../src/Types.sol";
import {House} from "./House.sol";
import {Packer} from "./Packer.sol";

/// @dev A house with builders for what traders sign and what solvers propose, and one-line settlements.
abstract contract World is House {
    uint256 private _nonce;

    function legs(address token_, uint256 amount) internal pure returns (Leg[] memory list) {
        list = new Leg[](1);
        list[0] = Leg(token_, amount, amount);
    }

    function legs(address token0, uint256 amount0, address token1, uint256 amount1)
        internal
        pure
        returns (Leg[] memory list)
    {
        list = new Leg[](2);
        list[0] = Leg(token0, amount0, amount0);
        list[1] = Leg(token1, amount1, amount1);
    }

    /// @dev A whole sell order that is valid now, with the next nonce.
    function sell(uint256 key, address give, uint256 amount, address want, uint256 atLeast)
        internal
        returns (Intent memory intent)
    {
        intent = Intent({
            owner: vm.addr(key),
            receiver: address(0),
            gives: legs(give, amount),
            wants: legs(want, atLeast),
            kind: SELL,
            fill: WHOLE,
            minFill: amount,
            validFrom: uint48(NOW - 1),
            decayTo: uint48(NOW - 1),
            validTo: uint48(NOW + 1 hours),
            nonce: _nonce++,
            terms: 0
        });
    }

    /// @dev A whole buy order that is valid now, with the next nonce.
    function buy(uint256 key, address give, uint256 atMost, address want, uint256 amount)
        internal
        returns (Intent memory intent)
    {
        intent = sell(key, give, atMost, want, amount);
        intent.kind = BUY;
        intent.minFill = amount;
    }

    function partially(Intent memory intent, uint256 minFill) internal pure returns (Intent memory) {
        intent.fill = PARTIAL;
        intent.minFill = minFill;
        return intent;
    }

    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The 64-byte form (EIP-2098) of a 65-byte signature.
    function compact(bytes memory signature) internal pure returns (bytes memory) {
        bytes32 r;
        bytes32 s;
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        return abi.encodePacked(r, signature[64] == 0x1c ? s | bytes32(uint256(1) << 255) : s);
    }

    // --- solutions

    /// @dev A fill of everything that the fixed side's first leg says, without a fee, rounded down.
    function fill(uint256 key, Intent memory intent) internal view returns (Fill memory) {
        return fill(key, intent, intent.kind == SELL ? intent.gives[0].start : intent.wants[0].start, 0);
    }

    function fill(uint256 key, Intent memory intent, uint256 executed, uint256 fee)
        internal
        view
        returns (Fill memory made)
    {
        made.intent = intent;
        made.signature = signed(key, settlement.intentDigest(intent));
        made.executed = executed;
        made.fee = fee;
        made.giveTokens = _indices(intent.gives);
        made.wantTokens = _indices(intent.wants);
    }

    function _indices(Leg[] memory list) private view returns (uint8[] memory result) {
        result = new uint8[](list.length);
        for (uint256 i; i < list.length; ++i) {
            result[i] = index(list[i].token);
        }
    }

    /// @dev A solution over all tokens of the world, at price 1 unless set otherwise.
    function solution(uint256 fills, uint256 interactions) internal view returns (Solution memory made) {
        made.tokens = tokens;
        made.prices = new uint256[](tokens.length);
        made.cover = new uint256[](tokens.length);
        for (uint256 i; i < tokens.length; ++i) {
            made.prices[i] = 1;
        }
        made.fills = new Fill[](fills);
        made.interactions = new Interaction[](interactions);
    }

    function price(Solution memory made, address token_, uint256 value) internal view {
        made.prices[index(token_)] = value;
    }

    function amounts(address token_, uint256 amount) internal view returns (TokenAmount[] memory list) {
        list = new TokenAmount[](1);
        list[0] = TokenAmount(index(token_), amount);
    }

    /// @dev A swap on a pool that pays the executor, with the outcome that the pool quotes now.
    function swap(ConstantProductPool on, address tokenIn, uint256 amountIn)
        internal
        view
        returns (Interaction memory made)
    {
        address tokenOut = tokenIn == on.token0() ? on.token1() : on.token0();
        made.target = address(on);
        made.data = abi.encodeCall(ConstantProductPool.swap, (tokenIn, amountIn, 0, address(executor)));
        made.allowances = new Allowance[](1);
        made.allowances[0] = Allowance(tokenIn, address(on), amountIn);
        made.inputs = amounts(tokenIn, amountIn);
        made.outputs = amounts(tokenOut, on.quote(tokenIn, amountIn));
    }

    // --- settling

    function entry(Solution memory made) internal view returns (Entry memory) {
        return entry(made, solver, 5_000_000);
    }

    function entry(Solution memory made, address by, uint256 gasLimit) internal view returns (Entry memory) {
        return awarded(encode(made), by, gasLimit, 7);
    }

    /// @dev The form in which the settlement of this house takes a solution.
    function encode(Solution memory made) internal pure virtual returns (bytes memory) {
        return Packer.pack(made);
    }

    /// @dev The award for whatever bytes stand for a solution.
    function awarded(bytes memory encoded, address by, uint256 gasLimit, uint256 round)
        internal
        view
        returns (Entry memory result)
    {
        result.solution = encoded;
        result.award = Award(round, by, gasLimit, NOW + 60, "");
        result.award.signature = signed(SIGNER_KEY, digestOf(result));
    }

    function digestOf(Entry memory e) internal view returns (bytes32) {
        return settlement.awardDigest(
            e.award.round, e.award.solver, keccak256(e.solution), e.award.gasLimit, e.award.deadline
        );
    }

    function bundle(Entry memory one) internal pure returns (Entry[] memory list) {
        list = new Entry[](1);
        list[0] = one;
    }

    function settle(Entry[] memory entries) internal returns (Outcome[] memory) {
        vm.prank(house);
        return settlement.settle(entries);
    }

    function settle(Solution memory made) internal returns (Outcome memory) {
        return settle(bundle(entry(made)))[0];
    }

    function mustSettle(Solution memory made) internal {
        Outcome memory outcome = settle(made);
        if (!outcome.settled) revert NotEqualBytes("solution failed", outcome.reason, "");
        mustBeEmpty();
    }

    function mustFail(Solution memory made, bytes memory reason) internal {
        Outcome memory outcome = settle(made);
        yes(!outcome.settled, "solution settled, but should have failed");
        eq(outcome.reason, reason, "reason");
        mustBeEmpty();
    }

    /// @dev The executor holds nothing and has allowed nothing.
    function mustBeEmpty() internal view {
        for (uint256 i; i < tokens.length; ++i) {
            eq(balance(tokens[i], address(executor)), 0, "executor holds a token");
            eq(balance(tokens[i], address(settlement)), 0, "settlement holds a token");
        }
        eq(address(executor).balance, 0, "executor holds native coin");
    }
}
