// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Takes what it was allowed to take, and brings nothing.
contract Sink {
    function take(address[2] calldata tokens, uint256[2] calldata amounts) external {
        for (uint256 k; k < 2; ++k) {
            (bool ok,) = tokens[k].call(
                abi.encodeWithSignature("transferFrom(address,address,uint256)", msg.sender, address(this), amounts[k])
            );
            require(ok, "transfer");
        }
    }
}

/// @dev The most movements that two tokens can need: in each, balances in the vault change hands in part, the executor,
///      a wallet and the treasury are paid by what is left of someone, and the solver's cover adds the rest.
contract RoomTest is Market {
    uint256 private constant WALLET_A = 0x111;
    uint256 private constant WALLET_B = 0x222;

    function only(address x, address y) private {
        delete tokens;
        addToken(x);
        addToken(y);
    }

    function test_every_movement_has_room() public {
        only(a, b);
        keep(ALICE, a, 10e6);
        fund(WALLET_A, a, 4e6);
        keep(BOB, b, 12e6);
        fund(WALLET_B, b, 5e6);
        deposit(solver, a, 4e6);
        deposit(solver, b, 1e6);
        Solution memory s = solution(4, 1);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10e6, b, 10e6));
        s.fills[1] = fill(WALLET_A, sell(WALLET_A, a, 4e6, b, 2e6), 4e6, 2e6);
        s.fills[2] = fill(BOB, sell(BOB, b, 12e6, a, 12e6));
        s.fills[3] = fill(WALLET_B, sell(WALLET_B, b, 5e6, a, 3e6), 5e6, 2e6);
        s.cover[index(a)] = 4e6;
        s.cover[index(b)] = 1e6;
        s.interactions[0] = sink(1e6, 4e6);
        mustSettle(s);
        eq(kept(ALICE, b), 10e6, "alice");
        eq(kept(BOB, a), 12e6, "bob");
        eq(balance(b, vm.addr(WALLET_A)), 2e6, "one wallet");
        eq(balance(a, vm.addr(WALLET_B)), 3e6, "the other");
        eq(balance(a, treasury) + balance(b, treasury), 4e6, "fees");
        eq(vault.coverOf(solver, a) + vault.coverOf(solver, b), 0, "the solver paid for the sink");
        eq(balance(a, address(vault)), vault.totalHeld(a), "the vault is exact");
        eq(balance(b, address(vault)), vault.totalHeld(b), "the vault is exact");
    }

    function sink(uint256 ofA, uint256 ofB) private returns (Interaction memory i) {
        Sink made = new Sink();
        i.target = address(made);
        i.data = abi.encodeCall(made.take, ([a, b], [ofA, ofB]));
        i.allowances = new Allowance[](2);
        (i.allowances[0], i.allowances[1]) = (Allowance(a, address(made), ofA), Allowance(b, address(made), ofB));
        i.inputs = new TokenAmount[](2);
        (i.inputs[0], i.inputs[1]) = (TokenAmount(index(a), ofA), TokenAmount(index(b), ofB));
    }
}
