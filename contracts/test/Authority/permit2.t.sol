// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {IPermit2} from "../../src/interfaces/IPermit2.sol";
import {FillMathHarness} from "../../src/testing/FillMathHarness.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";
import {Permit2Double, Permit2Signing} from "../helpers/Permit2Double.sol";
import {Wallet} from "../helpers/Wallets.sol";

/// @dev Intents that are the witness of a Permit2 transfer: one signature, no approval of the vault. It is a double.
contract Permit2Test is Market {
    Permit2Double private permit2;
    FillMathHarness private math;
    address private alice;

    function setUp() public override {
        super.setUp();
        permit2 = Permit2Signing.install(vm);
        math = FillMathHarness(deploy("FillMathHarness", ""));
        alice = vm.addr(ALICE);
        fund(BOB, b, 100 * ONE);
        _give(a);
        _give(c);
    }

    function _give(address token_) private {
        mint(token_, alice, 10 * ONE);
        approve(alice, token_, PERMIT2_CONTRACT, type(uint256).max);
    }

    /// @dev Signs the intent of a fill as Permit2 asks, for `spender`.
    function permit(uint256 key, Fill memory f, address spender) private view {
        Intent memory i = f.intent;
        bytes32 witness = math.structHash(i);
        bytes32 digest;
        IPermit2.TokenPermissions[] memory permitted = new IPermit2.TokenPermissions[](i.gives.length);
        for (uint256 k; k < permitted.length; ++k) {
            permitted[k] = IPermit2.TokenPermissions(i.gives[k].token, i.gives[k].end);
        }
        if (permitted.length == 1) {
            IPermit2.PermitTransferFrom memory single = IPermit2.PermitTransferFrom(permitted[0], i.nonce, i.validTo);
            digest = Permit2Signing.one(spender, single, witness);
        } else {
            digest = Permit2Signing.several(
                spender, IPermit2.PermitBatchTransferFrom(permitted, i.nonce, i.validTo), witness
            );
        }
        (f.scheme, f.signature) = (PERMIT2, signed(key, digest));
    }

    function trade(Intent memory i, uint256 executed) private returns (Solution memory s) {
        s = solution(2, 0);
        s.fills[0] = fill(ALICE, i, executed, 0);
        permit(ALICE, s.fills[0], address(vault));
        s.fills[1] = fill(BOB, sell(BOB, b, 10 * ONE, a, 10 * ONE));
    }

    function trade() private returns (Solution memory) {
        return trade(sell(ALICE, a, 10 * ONE, b, 10 * ONE), 10 * ONE);
    }

    function mustFailWith(Solution memory s, bytes4 selector) private {
        mustFailNow(s, abi.encodeWithSelector(selector));
        eq(balance(a, alice), 10 * ONE, "alice keeps hers");
    }

    function test_one_signature_and_no_approval() public {
        Solution memory s = trade();
        eq(TestToken(a).allowance(alice, address(vault)), 0, "no approval of the vault");
        mustSettle(s);
        eq(balance(b, alice), 10 * ONE, "alice");
        eq(balance(a, vm.addr(BOB)), 10 * ONE, "bob");
        eq(permit2.nonceBitmap(alice, s.fills[0].intent.nonce >> 8), 1 << (s.fills[0].intent.nonce & 0xff), "nonce");
        yes(settlement.taken(alice, s.fills[0].intent.nonce), "in both places");
    }

    function test_short_signature() public {
        Solution memory s = trade();
        s.fills[0].signature = compact(s.fills[0].signature);
        mustSettle(s);
    }

    function test_several_gives() public {
        Intent memory i = sell(ALICE, a, 10 * ONE, b, 20 * ONE);
        i.gives = legs(a, 10 * ONE, c, 10 * ONE);
        Solution memory s = trade(i, 10 * ONE);
        Intent memory bid = buy(BOB, b, 20 * ONE, a, 10 * ONE);
        bid.wants = legs(a, 10 * ONE, c, 10 * ONE);
        s.fills[1] = fill(BOB, bid);
        mustSettle(s);
        eq(balance(b, alice), 20 * ONE, "alice");
        eq(balance(a, vm.addr(BOB)) + balance(c, vm.addr(BOB)), 20 * ONE, "bob");
    }

    /// @dev Of a buy the permitted amount is the last bound; what is taken is what the fill needs.
    function test_a_buy_takes_no_more_than_it_needs() public {
        Intent memory i = buy(ALICE, a, 10 * ONE, b, 8 * ONE);
        Solution memory s = trade(i, 8 * ONE);
        s.fills[1] = fill(BOB, sell(BOB, b, 8 * ONE, a, 8 * ONE));
        mustSettle(s);
        eq(balance(a, alice), 2 * ONE, "the rest stays");
    }

    function test_a_moving_bound_is_permitted_to_its_end() public {
        Intent memory i = buy(ALICE, a, 8 * ONE, b, 8 * ONE);
        i.gives[0].end = 10 * ONE;
        i.decayTo = i.validTo;
        Solution memory s = trade(i, 8 * ONE);
        s.fills[1] = fill(BOB, sell(BOB, b, 8 * ONE, a, 8 * ONE));
        mustSettle(s);
        eq(balance(a, alice), 2 * ONE, "the rest stays");
    }

    function test_fee() public {
        Intent memory i = sell(ALICE, a, 10 * ONE, b, 9 * ONE);
        Solution memory s = trade(i, 10 * ONE);
        s.fills[0].fee = ONE;
        s.fills[1] = fill(BOB, sell(BOB, b, 9 * ONE, a, 9 * ONE));
        mustSettle(s);
        eq(balance(a, treasury), ONE, "fee");
        eq(balance(b, alice), 9 * ONE, "alice");
    }

    function test_a_keeper_pays_from_its_wallet_and_is_paid_in_the_vault() public {
        keeps(alice, true);
        mustSettle(trade());
        eq(kept(ALICE, b), 10 * ONE, "alice");
        eq(balance(a, alice), 0, "from the wallet");
    }

    function test_a_wallet_contract_signs() public {
        Wallet wallet = new Wallet(Wallet.Way.Checking);
        mint(a, address(wallet), 10 * ONE);
        approve(address(wallet), a, PERMIT2_CONTRACT, type(uint256).max);
        Solution memory s = trade();
        s.fills[0].intent.owner = address(wallet);
        permit(ALICE, s.fills[0], address(vault));
        mustFail(s, abi.encodeWithSelector(Permit2Double.InvalidContractSignature.selector));
        IPermit2.TokenPermissions memory permitted = IPermit2.TokenPermissions(a, 10 * ONE);
        Intent memory i = s.fills[0].intent;
        wallet.expect(
            Permit2Signing.one(
                address(vault), IPermit2.PermitTransferFrom(permitted, i.nonce, i.validTo), math.structHash(i)
            ),
            s.fills[0].signature
        );
        mustSettleNow(s);
        eq(balance(b, address(wallet)), 10 * ONE, "the wallet is paid");
    }

    // --- refusals

    function test_only_for_the_vault() public {
        Solution memory s = trade();
        permit(ALICE, s.fills[0], address(settlement));
        mustFailWith(s, Permit2Double.InvalidSigner.selector);
    }

    function test_nobody_but_the_vault_can_use_the_signature() public {
        Solution memory s = trade();
        Intent memory i = s.fills[0].intent;
        IPermit2.PermitTransferFrom memory p =
            IPermit2.PermitTransferFrom(IPermit2.TokenPermissions(a, 10 * ONE), i.nonce, i.validTo);
        bytes32 witness = math.structHash(i);
        vm.expectRevert(abi.encodeWithSelector(Permit2Double.InvalidSigner.selector));
        permit2.permitWitnessTransferFrom(
            p,
            IPermit2.SignatureTransferDetails(address(this), 10 * ONE),
            alice,
            witness,
            Permit2Signing.WITNESS_TYPE,
            s.fills[0].signature
        );
    }

    function test_the_intent_is_the_witness() public {
        for (uint256 k; k < 4; ++k) {
            Solution memory s = trade();
            Intent memory i = s.fills[0].intent;
            if (k == 0) i.receiver = address(0xbad);
            if (k == 1) i.wants[0] = Leg(b, ONE, ONE);
            if (k == 2) (i.validFrom, i.decayTo) = (1, 1);
            if (k == 3) i.wants[0].token = NATIVE;
            if (k == 3) s.fills[0].wantTokens[0] = index(address(weth));
            if (k == 3) s.fills[1] = fill(BOB + 1, sell(BOB + 1, address(weth), 10 * ONE, a, 10 * ONE));
            mustFailWith(s, Permit2Double.InvalidSigner.selector);
        }
    }

    function test_a_signature_by_another() public {
        Solution memory s = trade();
        permit(BOB, s.fills[0], address(vault));
        mustFailWith(s, Permit2Double.InvalidSigner.selector);
    }

    /// @dev The intent's own signature is not one for Permit2, and the other way round.
    function test_schemes_are_not_mixed_up() public {
        Solution memory s = trade();
        sign(ALICE, s.fills[0]);
        mustFailWith(s, Permit2Double.InvalidSigner.selector);
        permit(ALICE, s.fills[0], address(vault));
        s.fills[0].scheme = ECDSA;
        yes(bytes4(tryAgain(s).reason) == WrongSigner.selector, "taken for the intent's own");
    }

    function test_bad_signatures() public {
        Solution memory s = trade();
        s.fills[0].signature = "";
        mustFailWith(s, Permit2Double.InvalidSignatureLength.selector);
        s.fills[0].signature = new bytes(65);
        mustFailWith(s, Permit2Double.InvalidSignature.selector);
    }

    function test_a_nonce_cancelled_at_permit2() public {
        Solution memory s = trade();
        vm.prank(alice);
        permit2.invalidateUnorderedNonces(s.fills[0].intent.nonce >> 8, 1 << (s.fills[0].intent.nonce & 0xff));
        mustFailWith(s, Permit2Double.InvalidNonce.selector);
    }

    function test_a_nonce_cancelled_here() public {
        Solution memory s = trade();
        vm.prank(alice);
        settlement.cancel(s.fills[0].intent.nonce);
        mustFailNow(s, abi.encodeWithSelector(NonceTaken.selector, alice, s.fills[0].intent.nonce));
    }

    function test_not_after_its_deadline() public {
        Solution memory s = trade();
        s.fills[0].intent.validTo = uint48(NOW - 1 + 60);
        permit(ALICE, s.fills[0], address(vault));
        vm.warp(NOW + 60);
        mustFailNow(s, abi.encodeWithSelector(Expired.selector, NOW + 59, NOW + 60));
    }

    function test_only_whole() public {
        Intent memory i = partially(sell(ALICE, a, 10 * ONE, b, 10 * ONE), ONE);
        Solution memory s = trade(i, 10 * ONE);
        mustFail(s, abi.encodeWithSelector(PermitNotWhole.selector, settlement.intentDigest(i)));
    }

    function test_without_the_owners_approval_of_permit2() public {
        approve(alice, a, PERMIT2_CONTRACT, 10 * ONE - 1);
        mustFailWith(trade(), Permit2Double.TransferFailed.selector);
    }

    function test_where_there_is_no_permit2() public {
        Solution memory s = trade();
        vm.etch(PERMIT2_CONTRACT, "");
        mustFail(s, "");
        eq(balance(a, alice), 10 * ONE, "alice");
    }
}
