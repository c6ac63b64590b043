// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {
    AmountTooLarge,
    EmptyReserves,
    OnlyOwner,
    OutputTooLow,
    PaymentFailed,
    PullFailed,
    UnknownPoolToken
} from "../Errors.sol";
import {Lock} from "../Lock.sol";
import {Tokens} from "../Tokens.sol";
import {MAX_AMOUNT} from "../Types.sol";

/// @title A constant-product pool for test networks, with one liquidity provider: its owner
/// @dev out = floor(rOut * in * (1e6 - feePpm) / (rIn * 1e6 + in * (1e6 - feePpm))) on tracked reserves, so that the
///      product of the reserves never falls. For tokens that move exactly what they are asked to.
contract ConstantProductPool is Lock {
    uint256 internal constant PPM = 1e6;

    address public immutable owner;
    address public immutable token0;
    address public immutable token1;
    uint256 public immutable feePpm;

    uint128 private _reserve0;
    uint128 private _reserve1;

    event LiquidityAdded(uint256 amount0, uint256 amount1);
    event Swapped(address indexed tokenIn, uint256 amountIn, uint256 out, address indexed to);

    constructor(address token0_, address token1_, uint256 feePpm_) {
        if (token0_ == token1_) revert UnknownPoolToken(token1_);
        if (feePpm_ >= PPM) revert AmountTooLarge(feePpm_);
        owner = msg.sender;
        (token0, token1, feePpm) = (token0_, token1_, feePpm_);
    }

    /// @notice The reserves that prices follow.
    function getReserves() external view returns (uint256 reserve0, uint256 reserve1) {
        return (_reserve0, _reserve1);
    }

    /// @notice What `amountIn` of `tokenIn` buys now.
    function quote(address tokenIn, uint256 amountIn) public view returns (uint256 out) {
        (uint256 reserveIn, uint256 reserveOut) = _reserves(tokenIn);
        if (reserveIn == 0 || reserveOut == 0) revert EmptyReserves();
        if (amountIn > MAX_AMOUNT) revert AmountTooLarge(amountIn);
        uint256 afterFee = amountIn * (PPM - feePpm);
        return FixedPointMathLib.fullMulDiv(reserveOut, afterFee, reserveIn * PPM + afterFee);
    }

    /// @notice Takes both amounts from the owner and adds them to the reserves.
    function addLiquidity(uint256 amount0, uint256 amount1) external locked {
        if (msg.sender != owner) revert OnlyOwner(msg.sender);
        _setReserves(_reserve0 + amount0, _reserve1 + amount1);
        emit LiquidityAdded(amount0, amount1);
        _take(token0, amount0);
        _take(token1, amount1);
    }

    /// @notice Takes `amountIn` of `tokenIn` from the caller and sends what it buys to `to`.
    function swap(address tokenIn, uint256 amountIn, uint256 minOut, address to) external locked returns (uint256 out) {
        out = quote(tokenIn, amountIn);
        if (out < minOut) revert OutputTooLow(out, minOut);
        bool forward = tokenIn == token0;
        if (forward) _setReserves(_reserve0 + amountIn, _reserve1 - out);
        else _setReserves(_reserve0 - out, _reserve1 + amountIn);
        emit Swapped(tokenIn, amountIn, out, to);
        _take(tokenIn, amountIn);
        address tokenOut = forward ? token1 : token0;
        if (!Tokens.tryTransfer(tokenOut, to, out)) revert PaymentFailed(tokenOut, to, out);
    }

    function _take(address token, uint256 amount) private {
        if (!SafeTransferLib.trySafeTransferFrom(token, msg.sender, address(this), amount)) {
            revert PullFailed(token, msg.sender, address(this), amount);
        }
    }

    function _reserves(address tokenIn) private view returns (uint256 reserveIn, uint256 reserveOut) {
        if (tokenIn == token0) return (_reserve0, _reserve1);
        if (tokenIn == token1) return (_reserve1, _reserve0);
        revert UnknownPoolToken(tokenIn);
    }

    function _setReserves(uint256 reserve0, uint256 reserve1) private {
        if (reserve0 > MAX_AMOUNT) revert AmountTooLarge(reserve0);
        if (reserve1 > MAX_AMOUNT) revert AmountTooLarge(reserve1);
        // Both fit, as just checked.
        // forge-lint: disable-next-line(unsafe-typecast)
        (_reserve0, _reserve1) = (uint128(reserve0), uint128(reserve1));
    }
}
