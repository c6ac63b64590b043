// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Lens} from "../../src/Lens.sol";
import {ConstantProductPool} from "../../src/testing/ConstantProductPool.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import "../../src/Types.sol";
import {BurningToken} from "../helpers/HostileTokens.sol";
import {Permit2Double, Permit2Signing} from "../helpers/Permit2Double.sol";
import {Wallet} from "../helpers/Wallets.sol";
import {World} from "../helpers/World.sol";

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

    function test_what_is_kept_in_the_vault() public {
        address alice = fund(ALICE, a, 10);
        vm.prank(alice);
        vault.deposit(a, 4, alice);
        vm.prank(alice);
        settlement.keepInVault(true);
        Lens.FundsQuery[] memory funds = new Lens.FundsQuery[](1);
        funds[0] = Lens.FundsQuery(alice, a);
        eq(lens.funds(funds)[0].deposited, 4, "deposited");
        eq(lens.funds(funds)[0].balance, 6, "in the wallet");
        Lens.NonceQuery[] memory nonces = new Lens.NonceQuery[](1);
        nonces[0] = Lens.NonceQuery(alice, 0, 0);
        yes(lens.nonces(nonces)[0].keepsInVault, "keeps");
    }

    function test_permit2_allowance() public {
        address alice = fund(ALICE, a, 10);
        vm.prank(alice);
        TestToken(a).approve(PERMIT2_CONTRACT, 7);
        Lens.FundsQuery[] memory funds = new Lens.FundsQuery[](1);
        funds[0] = Lens.FundsQuery(alice, a);
        eq(lens.funds(funds)[0].permit2Allowance, 7, "allowance");
    }

    function authority(address owner_, uint8 scheme) private view returns (Lens.AuthorityFact memory) {
        Lens.AuthorityQuery[] memory queries = new Lens.AuthorityQuery[](1);
        queries[0] = Lens.AuthorityQuery(owner_, keccak256("digest"), scheme, 5, "signature");
        return lens.authorities(queries)[0];
    }

    function test_what_owners_contracts_say() public {
        Wallet.Way[6] memory refusing = [
            Wallet.Way.Wrong,
            Wallet.Way.DirtyBelow,
            Wallet.Way.Short,
            Wallet.Way.RevertRight,
            Wallet.Way.BurnGas,
            Wallet.Way.Checking
        ];
        for (uint256 k; k < 6; ++k) {
            Lens.AuthorityFact memory fact = authority(address(new Wallet(refusing[k])), ERC1271);
            yes(fact.hasCode && !fact.confirmed, "refused");
        }
        yes(authority(address(new Wallet(Wallet.Way.Right)), ERC1271).confirmed, "taken");
        Lens.AuthorityFact memory none = authority(address(0x1271), ERC1271);
        yes(!none.hasCode && !none.confirmed, "no code");
    }

    function test_what_owners_signed_on_chain() public {
        yes(!authority(vm.addr(ALICE), PRESIGNED).confirmed, "not yet");
        vm.prank(vm.addr(ALICE));
        settlement.preSign(keccak256("digest"), true);
        yes(authority(vm.addr(ALICE), PRESIGNED).confirmed, "signed");
    }

    function test_nonces_at_permit2() public {
        yes(!authority(vm.addr(ALICE), PERMIT2).nonceFree, "no Permit2");
        Permit2Double permit2 = Permit2Signing.install(vm);
        yes(authority(vm.addr(ALICE), PERMIT2).nonceFree, "free");
        vm.prank(vm.addr(ALICE));
        permit2.invalidateUnorderedNonces(0, 1 << 5);
        yes(!authority(vm.addr(ALICE), PERMIT2).nonceFree, "used");
        yes(authority(vm.addr(ALICE), ECDSA).nonceFree, "of no matter elsewhere");
    }
}
