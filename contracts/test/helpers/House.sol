// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Executor} from "../../src/Executor.sol";
import {HookRunner} from "../../src/HookRunner.sol";
import {Settlement} from "../../src/Settlement.sol";
import {SolverRegistry} from "../../src/SolverRegistry.sol";
import {ConstantProductPool} from "../../src/testing/ConstantProductPool.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {WrappedNative} from "../../src/testing/WrappedNative.sol";
import "../../src/Types.sol";
import {Vault} from "../../src/Vault.sol";
import {Base} from "./Base.sol";

/// @dev A deployed house with three tokens and wrapped native coin.
abstract contract House is Base {
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
    HookRunner internal runner;
    Settlement internal settlement;
    SolverRegistry internal registry;
    WrappedNative internal weth;
    TestToken internal bond;
    address[] internal tokens; // ascending; four of them, one is weth
    address internal a;
    address internal b;
    address internal c;

    function setUp() public virtual {
        vm.warp(NOW);
        weth = WrappedNative(payable(deploy("WrappedNative", "")));
        bond = token("BOND", 18);
        registry = SolverRegistry(
            deploy("SolverRegistry", abi.encode(bond, 100 * ONE, 1 days, 1 days, owner, house, owner, treasury))
        );
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
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        vault = Vault(deploy("Vault", abi.encode(predicted)));
        address executorAt = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        runner = HookRunner(deploy("HookRunner", abi.encode(predicted, vault, executorAt, registry)));
        executor = Executor(payable(deploy("Executor", abi.encode(predicted, vault, registry, weth, runner))));
        settlement = Settlement(
            deploy(
                settlementName(),
                abi.encode(owner, house, vm.addr(SIGNER_KEY), treasury, vault, executor, registry, weth, runner)
            )
        );
    }

    /// @dev Which settlement the house has: its plain twin takes solutions that can not be written in packed form.
    function settlementName() internal pure virtual returns (string memory) {
        return "Settlement";
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
}
