// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Lens} from "../src/Lens.sol";
import {ConstantProductPool} from "../src/testing/ConstantProductPool.sol";
import "../src/Types.sol";
import {BurningToken} from "./helpers/HostileTokens.sol";
import {World} from "./helpers/World.sol";

contract LensTest is World {
    Lens private lens;

    function setUp() public override {
        super.setUp();
        lens = Lens(deploy("Lens", abi.encode(vault, settlement)));
    }

    function test_funds() public {
        address alice = fund(ALICE, a, 10);
        mint(b, alice, 20);
        Lens.FundsQuery[] memory queries = new Lens.FundsQuery[](4);
        queries[0] = Lens.FundsQuery(alice, a);
        queries[1] = Lens.FundsQuery(alice, b);
        queries[2] = Lens.FundsQuery(alice, address(0xdead));
        queries[3] = Lens.FundsQuery(alice, address(new BurningToken()));
        Lens.FundsFact[] memory facts = lens.funds(queries);
        eq(facts[0].balance, 10, "balance");
        eq(facts[0].allowance, type(uint256).max, "allowance");
        yes(facts[0].isContract && facts[1].isContract && !facts[2].isContract && facts[3].isContract, "contracts");
        eq(facts[1].balance, 20, "balance");
        eq(facts[1].allowance, 0, "no allowance");
        eq(facts[2].balance + facts[3].balance + facts[2].allowance + facts[3].allowance, 0, "nothing to read");
    }

    function test_nonces() public {
        fund(ALICE, a, 100 * ONE);
        fund(BOB, b, 100 * ONE);
        Intent memory ask = partially(sell(ALICE, a, 10 * ONE, b, 10 * ONE), 1);
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, ask, 4 * ONE, 0);
        s.fills[1] = fill(BOB, sell(BOB, b, 4 * ONE, a, 4 * ONE));
        mustSettle(s);
        vm.prank(vm.addr(BOB));
        settlement.raiseEpoch();
        Lens.NonceQuery[] memory queries = new Lens.NonceQuery[](2);
        queries[0] = Lens.NonceQuery(ask.owner, ask.nonce, settlement.intentDigest(ask));
        queries[1] = Lens.NonceQuery(vm.addr(BOB), 1 << 192, bytes32(0));
        Lens.NonceFact[] memory facts = lens.nonces(queries);
        yes(facts[0].taken && !facts[0].dead, "started");
        eq(facts[0].filled, 4 * ONE, "filled");
        eq(facts[0].epoch, 0, "epoch");
        yes(!facts[1].taken && !facts[1].dead && facts[1].epoch == 1 && facts[1].filled == 0, "fresh");
    }

    function test_reserves() public {
        ConstantProductPool p = pool(a, 1000, b, 2000);
        address[] memory pools = new address[](3);
        (pools[0], pools[1], pools[2]) = (address(p), a, address(0xdead));
        uint256[2][] memory facts = lens.reserves(pools);
        eq(facts[0][0], 1000, "reserve 0");
        eq(facts[0][1], 2000, "reserve 1");
        eq(facts[1][0] + facts[1][1] + facts[2][0] + facts[2][1], 0, "no pools");
    }
}
