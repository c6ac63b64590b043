// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConstantProductPool} from "../../src/testing/ConstantProductPool.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {Thief} from "./Thief.sol";
import {Trades} from "./Trades.sol";

/// @dev What a settlement must never do, as far as it shows at the moment it is done.
enum Law {
    CONSERVED,
    NOT_ABOVE_SIGNED,
    CANCELLED,
    OUT_OF_TIME,
    OLD_EPOCH,
    UNSIGNED,
    PAYS_MORE,
    GETS_LESS,
    SPLIT_PAYS_MORE,
    SPLIT_GETS_LESS,
    ZERO_LEG,
    ALTERNATIVES,
    WHOLE_ONCE,
    AWARD_ONCE,
    FOREIGN_AWARD,
    EXCLUSIVE,
    SHARES,
    FAILED_IS_NOTHING,
    COVER,
    TREASURY,
    LOCKED,
    ONLY_SETTLEMENT,
    EPOCH_STEP,
    PAUSE,
    FILLED_SHRINKS
}

/// @dev What the test remembers on its own, and pictures of who holds what.
abstract contract Ghosts is Trades {
    /// @dev A signed intent and how it was last filled.
    struct Ticket {
        bytes fill;
        uint256 trader;
        bytes32 uid;
    }

    /// @dev Holdings by account and token: wallet, native coin as wrapped, vault balance and cover.
    struct Picture {
        uint256[][] held;
        uint256[] cover;
    }

    address internal rival = address(0x41ba1);
    Thief internal thief;
    ConstantProductPool internal liquidity;
    address[] internal accounts;
    mapping(address account => uint256) internal seat;
    uint256[] internal supply;

    mapping(Law law => bool) internal broken;
    Ticket[] internal tickets;
    mapping(bytes32 uid => uint256) internal ghostFilled;
    mapping(bytes32 uid => mapping(uint256 leg => uint256)) internal ghostGave;
    mapping(bytes32 uid => mapping(uint256 leg => uint256)) internal ghostGot;
    mapping(address owner => mapping(uint256 nonce => bytes32)) internal startedBy;
    mapping(address owner => mapping(uint256 nonce => bool)) internal cancelled;
    mapping(address owner => uint256) internal ghostEpoch;
    mapping(address owner => bool) internal ghostKeeps;
    mapping(address owner => mapping(uint256 token => uint256)) internal ghostKept;
    mapping(bytes32 award => bool) internal awardSettled;
    /// @dev Set while something is tried that nobody signed.
    bool internal forging;

    uint256 internal calls;
    uint256 internal settledCalls;
    uint256 internal settledFills;
    uint256 internal refused;
    uint256 internal rounds;

    function setUp() public virtual override {
        super.setUp();
        liquidity = pool(a, 1e28, b, 1e28);
        _bond(rival);
        thief = new Thief(address(vault), address(executor), address(settlement), address(runner));
        for (uint256 i; i < TRADERS; ++i) {
            accounts.push(traders[i]);
            accounts.push(address(uint160(0x1000 + i)));
        }
        address[11] memory others = [
            SHARER,
            treasury,
            solver,
            rival,
            address(executor),
            address(settlement),
            address(runner),
            address(registry),
            address(liquidity),
            address(thief),
            address(vault)
        ];
        for (uint256 i; i < others.length; ++i) {
            accounts.push(others[i]);
        }
        for (uint256 i; i < accounts.length; ++i) {
            seat[accounts[i]] = i;
        }
        for (uint256 t; t < tokens.length; ++t) {
            deposit(solver, tokens[t], RICH);
            deposit(rival, tokens[t], RICH);
            vm.prank(rival);
            TestToken(tokens[t]).approve(address(vault), type(uint256).max);
            for (uint256 i; i < TRADERS; ++i) {
                ghostKept[traders[i]][t] = RICH;
            }
            // One trader has approved, by mistake, those who should never be.
            address[3] memory wrong = [address(runner), address(executor), address(settlement)];
            for (uint256 i; i < wrong.length; ++i) {
                vm.prank(traders[0]);
                TestToken(tokens[t]).approve(wrong[i], type(uint256).max);
            }
        }
        Picture memory p = picture();
        for (uint256 t; t < tokens.length; ++t) {
            supply.push(total(p, t));
        }
    }

    // --- pictures

    function picture() internal view returns (Picture memory p) {
        p.held = new uint256[][](accounts.length);
        p.cover = new uint256[](tokens.length);
        for (uint256 i; i < accounts.length; ++i) {
            p.held[i] = new uint256[](tokens.length);
        }
        for (uint256 t; t < tokens.length; ++t) {
            address token_ = tokens[t];
            for (uint256 i; i < accounts.length; ++i) {
                address who = accounts[i];
                uint256 sum = TestToken(token_).balanceOf(who);
                if (token_ == address(weth)) sum += who.balance;
                if (i < 2 * TRADERS && i % 2 == 0) sum += vault.balanceOf(who, token_);
                p.held[i][t] = sum;
            }
            uint256 covers = vault.coverOf(solver, token_) + vault.coverOf(rival, token_);
            p.cover[t] = covers;
            p.held[seat[solver]][t] += covers;
            p.held[seat[address(vault)]][t] -= vault.totalHeld(token_);
        }
    }

    function total(Picture memory p, uint256 t) internal pure returns (uint256 sum) {
        for (uint256 i; i < p.held.length; ++i) {
            sum += p.held[i][t];
        }
    }

    function breaks(Law law, bool itDoes) internal {
        if (itDoes) broken[law] = true;
    }
}
