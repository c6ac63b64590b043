// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev How a want names the native coin. It is priced and netted as the wrapped native token.
address constant NATIVE = 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE;

/// @dev Amounts of token atoms, bounds and prices are all below 2^128, so that any product of two fits a word.
uint256 constant MAX_AMOUNT = type(uint128).max;

/// @dev `Intent.kind`: the gives are exact, the surplus is more wants.
uint8 constant SELL = 0;
/// @dev `Intent.kind`: the wants are exact, the surplus is less gives.
uint8 constant BUY = 1;

/// @dev `Intent.fill`: all or nothing.
uint8 constant WHOLE = 0;
/// @dev `Intent.fill`: every leg by the same fraction, several times if need be.
uint8 constant PARTIAL = 1;

/// @dev `Fill.scheme`: 65 bytes (r, s, v) or 64 bytes (EIP-2098) by the key of the owner's address, code or not.
uint8 constant ECDSA = 0;
/// @dev `Fill.scheme`: whatever the owner's contract takes for its signature (ERC-1271).
uint8 constant ERC1271 = 1;
/// @dev `Fill.scheme`: nothing, the owner has signed on chain.
uint8 constant PRESIGNED = 2;
/// @dev `Fill.scheme`: a Permit2 witness transfer over the gives, with the intent as its witness.
uint8 constant PERMIT2 = 3;

/// @dev Moves tokens for those who signed to it.
address constant PERMIT2_CONTRACT = 0x000000000022D473030F116dDEE9F6B43aC78BA3;

/// @dev One token of an intent. The bound moves linearly from `start` at validFrom to `end` at decayTo.
struct Leg {
    address token;
    uint256 start;
    uint256 end;
}

/// @dev What a trader signs: at most these gives for at least those wants, by then. See IntentHash for the EIP-712 type.
struct Intent {
    address owner;
    address receiver;
    Leg[] gives;
    Leg[] wants;
    uint8 kind;
    uint8 fill;
    uint256 minFill;
    uint48 validFrom;
    uint48 decayTo;
    uint48 validTo;
    uint256 nonce;
    bytes32 terms;
}

/// @dev One execution of an intent. `executed` counts atoms of the fixed side's first leg, `fee` atoms of the first give;
///      bit i of `roundUp` rounds the i-th leg of the moving side up; the index arrays point into `Solution.tokens`;
///      `terms` is what `intent.terms` is the hash of.
struct Fill {
    Intent intent;
    uint8 scheme;
    bytes signature;
    uint256 executed;
    uint256 fee;
    uint256 roundUp;
    uint8[] giveTokens;
    uint8[] wantTokens;
    bytes terms;
}

/// @dev An exact allowance of the executor for the length of one interaction.
struct Allowance {
    address token;
    address spender;
    uint256 amount;
}

/// @dev `token` is an index into `Solution.tokens`.
struct TokenAmount {
    uint8 token;
    uint256 amount;
}

/// @dev A call on outside liquidity with what it is declared to take from and to bring to the executor.
struct Interaction {
    address target;
    bytes data;
    Allowance[] allowances;
    TokenAmount[] inputs;
    TokenAmount[] outputs;
}

/// @dev `tokens` ascend strictly; `prices` and `cover` go with them, one each.
struct Solution {
    address[] tokens;
    uint256[] prices;
    uint256[] cover;
    Fill[] fills;
    Interaction[] interactions;
}

/// @dev The house's signed permission to settle one solution once. See Awards for the EIP-712 type.
struct Award {
    uint256 round;
    address solver;
    uint256 gasLimit;
    uint256 deadline;
    bytes signature;
}

/// @dev `solution` is abi.encode(Solution).
struct Entry {
    Award award;
    bytes solution;
}

/// @dev What became of one entry. `reason` is its revert data, cut at 256 bytes.
struct Outcome {
    bool settled;
    uint256 gasUsed;
    bytes reason;
}

/// @dev A balance to watch in a preview; `token` may be NATIVE.
struct Probe {
    address token;
    address account;
}

/// @dev A place is an address, for its wallet, or an address with one of these bits, for what the vault keeps for it.
uint256 constant BALANCE = 1 << 255;
/// @dev A solver's cover.
uint256 constant COVER = 1 << 254;

/// @dev One movement of tokens between two places. Where the executor pays, `token` may be NATIVE and `from` is itself.
struct Move {
    address token;
    uint256 from;
    uint256 to;
    uint256 amount;
}

/// @dev An amount that a place pays or is due.
struct Part {
    uint256 place;
    uint256 amount;
}

/// @dev At most `maximum` may be taken, and `amount` is.
struct PermittedToken {
    address token;
    uint256 maximum;
    uint256 amount;
}

/// @dev What a Permit2 signature allows the vault to take, and what it takes.
struct Permitted {
    address owner;
    uint256 nonce;
    uint256 deadline;
    bytes32 witness;
    PermittedToken[] tokens;
    bytes signature;
}

/// @dev `Permit.style`: the function of EIP-2612.
uint8 constant PERMIT_EIP2612 = 0;
/// @dev `Permit.style`: the older function that allows everything until `deadline`.
uint8 constant PERMIT_DAI = 1;

/// @dev A permit in favour of the vault. `nonce` is for PERMIT_DAI only, `value` for PERMIT_EIP2612.
struct Permit {
    address token;
    address owner;
    uint256 value;
    uint256 deadline;
    uint256 nonce;
    uint8 style;
    uint8 v;
    bytes32 r;
    bytes32 s;
}
