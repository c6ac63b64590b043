// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Executor} from "../../src/Executor.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {Settlement} from "../../src/Settlement.sol";
import {SolverRegistry} from "../../src/SolverRegistry.sol";
import {ConstantProductPool} from "../../src/testing/ConstantProductPool.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {WrappedNative} from "../../src/testing/WrappedNative.sol";
import "../../src/Types.sol";
import {Vault} from "../../src/Vault.sol";
import {Base} from "./Base.sol";

/// @dev A deployed house with traders, three tokens and wrapped native coin, and builders for what they sign.
abstract contract World is Base {
    uint256 internal constant ONE = 1e18;
    uint256 internal constant NOW = 1_800_000_000;
    uint256 internal constant SIGNER_KEY = 0x5163e4;
    uint256 internal constant ALICE = 0xa11ce;
    uint256 internal constant BOB = 0xb0b;
    uint256 internal constant CAROL = 0xca401;

    address internal owner = address(0x0e4);
    address internal house = address(0x4005e);
    address internal treasury = address(0x74ea5);
    address internal solver = address(0x501e4);

    Vault internal vault;
    Executor internal executor;
    Settlement internal settlement;
    SolverRegistry internal registry;
    WrappedNative internal weth;
    TestToken internal bond;
    address[] internal tokens; // ascending; four of them, one is weth
    address internal a;
    address internal b;
    address internal c;
    uint256 private _nonce;

    function setUp() public virtual {
        vm.warp(NOW);
        weth = WrappedNative(payable(deploy("WrappedNative", "")));
        bond = token("BOND", 18);
        registry = SolverRegistry(deploy("SolverRegistry", abi.encode(bond, 100 * ONE, 1 days, owner)));
        _deployHouse();
        a = address(token("A", 18));
        b = address(token("B", 18));
        c = address(token("C", 6));
        address[4] memory list = [a, b, c, address(weth)];
        for (uint256 i; i < 4; ++i) {
            addToken(list[i]);
        }
        _bond(solver);
    }

    function _deployHouse() private {
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        vault = Vault(deploy("Vault", abi.encode(predicted)));
        executor = Executor(payable(deploy("Executor", abi.encode(predicted, vault, registry, weth))));
        settlement = Settlement(
            deploy(
                "Settlement", abi.encode(owner, house, vm.addr(SIGNER_KEY), treasury, vault, executor, registry, weth)
            )
        );
    }

    function token(string memory symbol, uint8 decimals) internal returns (TestToken) {
        return TestToken(deploy("TestToken", abi.encode(symbol, symbol, decimals, this)));
    }

    function _bond(address who) internal {
        mint(address(bond), who, 100 * ONE);
        vm.prank(who);
        bond.approve(address(registry), type(uint256).max);
        vm.prank(who);
        registry.join(100 * ONE);
    }

    // --- tokens

    /// @dev Adds a token to the list that solutions use, in its place.
    function addToken(address token_) internal {
        tokens.push(token_);
        for (uint256 i = tokens.length - 1; i > 0 && tokens[i - 1] > token_; --i) {
            (tokens[i - 1], tokens[i]) = (token_, tokens[i - 1]);
        }
    }

    function index(address token_) internal view returns (uint8) {
        if (token_ == NATIVE) token_ = address(weth);
        for (uint256 i; i < tokens.length; ++i) {
            if (tokens[i] == token_) return uint8(i);
        }
        return type(uint8).max;
    }

    function mint(address token_, address who, uint256 amount) internal {
        address[] memory accounts = new address[](1);
        uint256[] memory values = new uint256[](1);
        (accounts[0], values[0]) = (who, amount);
        if (token_ == address(weth)) {
            vm.deal(address(this), amount);
            weth.depositFor{value: amount}(accounts, values);
        } else {
            TestToken(token_).mintBatch(accounts, values);
        }
    }

    /// @dev Gives a trader tokens and lets it approve the vault.
    function fund(uint256 key, address token_, uint256 amount) internal returns (address who) {
        who = vm.addr(key);
        mint(token_, who, amount);
        vm.prank(who);
        TestToken(token_).approve(address(vault), type(uint256).max);
    }

    function balance(address token_, address who) internal view returns (uint256) {
        return TestToken(token_).balanceOf(who);
    }

    function pool(address token0, uint256 amount0, address token1, uint256 amount1)
        internal
        returns (ConstantProductPool made)
    {
        made = ConstantProductPool(deploy("ConstantProductPool", abi.encode(token0, token1, 3000)));
        mint(token0, address(this), amount0);
        mint(token1, address(this), amount1);
        TestToken(token0).approve(address(made), amount0);
        TestToken(token1).approve(address(made), amount1);
        made.addLiquidity(amount0, amount1);
    }

    function deposit(address who, address token_, uint256 amount) internal {
        mint(token_, who, amount);
        vm.prank(who);
        TestToken(token_).approve(address(vault), amount);
        vm.prank(who);
        vault.depositCover(token_, amount);
    }

    // --- intents

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

    function entry(Solution memory made, address by, uint256 gasLimit) internal view returns (Entry memory result) {
        result.solution = abi.encode(made);
        result.award = Award(7, by, gasLimit, NOW + 60, "");
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
