// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Types.sol";

/// @dev What a hook or an interaction of somebody hostile might try, from inside a settlement.
contract Thief {
    address private immutable vault;
    address private immutable executor;
    address private immutable settlement;
    address private immutable runner;

    constructor(address vault_, address executor_, address settlement_, address runner_) {
        (vault, executor, settlement, runner) = (vault_, executor_, settlement_, runner_);
    }

    /// @dev Never reverts.
    function steal(uint256 how, address token, address victim) external {
        uint256 amount = 1e6;
        address me = address(this);
        Move[] memory moves = new Move[](1);
        moves[0] = Move(token, uint160(victim) | (how & 1 == 0 ? BALANCE : 0), uint160(me), amount);
        if (how < 2) _try(vault, abi.encodeWithSignature("pull((address,uint256,uint256,uint256)[])", moves));
        if (how == 2) {
            _try(token, abi.encodeWithSignature("transferFrom(address,address,uint256)", victim, me, amount));
        }
        if (how == 3) {
            _try(token, abi.encodeWithSignature("transferFrom(address,address,uint256)", executor, me, amount));
        }
        if (how == 4) _try(executor, abi.encodeWithSignature("pay((address,uint256,uint256,uint256)[])", moves));
        if (how == 5) _try(vault, abi.encodeWithSignature("withdraw(address,uint256,address)", token, amount, me));
        moves[0].to = uint160(me) | BALANCE;
        if (how == 6) _try(vault, abi.encodeWithSignature("credit((address,uint256,uint256,uint256)[])", moves));
        if (how == 7) _try(vault, abi.encodeWithSignature("withdrawCover(address,uint256)", token, amount));
        if (how == 8) _try(settlement, abi.encodeWithSignature("execute(bytes,address)", hex"0100000000", me));
        if (how == 9) _try(runner, abi.encodeWithSignature("close(bytes,bytes32)", "", bytes32(0)));
    }

    function fail() external pure {
        revert("no");
    }

    function _try(address target, bytes memory data) private {
        (bool ok,) = target.call(data);
        ok;
    }
}
