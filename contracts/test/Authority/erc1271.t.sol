// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";
import {Parrot, Wallet} from "../helpers/Wallets.sol";

/// @dev Signatures that an owner's contract takes or refuses.
contract Erc1271Test is Market {
    /// @dev The wallet trades with Bob; its intent carries `signature`.
    function trade(address wallet, bytes memory signature) private returns (Solution memory s) {
        fund(BOB, b, ONE);
        mint(a, wallet, ONE);
        approve(wallet, a, address(vault), ONE);
        s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, ONE, b, ONE));
        s.fills[0].intent.owner = wallet;
        s.fills[0].scheme = ERC1271;
        s.fills[0].signature = signature;
        s.fills[1] = fill(BOB, sell(BOB, b, ONE, a, ONE));
    }

    function takes(Wallet.Way way) private {
        address wallet = address(new Wallet(way));
        mustSettle(trade(wallet, "anything"));
        eq(balance(b, wallet), ONE, "the wallet is paid");
        eq(balance(a, wallet), 0, "and has paid");
    }

    function refuses(Wallet.Way way) private {
        refuses(address(new Wallet(way)));
    }

    function refuses(address wallet) private {
        mustFail(trade(wallet, "anything"), abi.encodeWithSelector(SignatureRefused.selector, wallet));
        eq(balance(a, wallet), ONE, "its token stays");
    }

    function test_right_answer() public {
        takes(Wallet.Way.Right);
    }

    function test_long_answer_that_begins_right() public {
        takes(Wallet.Way.Megabyte);
    }

    function test_wrong_answers() public {
        refuses(Wallet.Way.Wrong);
        refuses(Wallet.Way.One);
    }

    function test_answer_with_dirty_lower_bytes() public {
        refuses(Wallet.Way.DirtyBelow);
    }

    function test_short_answers() public {
        refuses(Wallet.Way.Short);
        refuses(Wallet.Way.Nothing);
        refuses(address(new Parrot()));
    }

    function test_reverts() public {
        refuses(Wallet.Way.Revert);
        refuses(Wallet.Way.RevertRight);
    }

    function test_burning_gas_burns_only_its_share() public {
        address wallet = address(new Wallet(Wallet.Way.BurnGas));
        Outcome memory outcome = settle(trade(wallet, ""));
        eq(outcome.reason, abi.encodeWithSelector(SignatureRefused.selector, wallet), "reason");
        yes(outcome.gasUsed > 300_000 && outcome.gasUsed < 420_000, "300,000 and no more");
    }

    function test_it_can_change_nothing() public {
        refuses(Wallet.Way.ChangeState);
    }

    function test_owner_without_code() public {
        address wallet = address(0x1271);
        mustFail(trade(wallet, "x"), abi.encodeWithSelector(SignerWithoutCode.selector, wallet));
        Solution memory s = barter(ONE);
        s.fills[0].scheme = ERC1271; // with a signature that would do by key
        mustFail(s, abi.encodeWithSelector(SignerWithoutCode.selector, vm.addr(ALICE)));
    }

    function test_it_is_asked_about_digest_and_signature() public {
        Wallet wallet = new Wallet(Wallet.Way.Checking);
        bytes memory signature = new bytes(333);
        signature[332] = 0x01;
        Solution memory s = trade(address(wallet), signature);
        wallet.expect(settlement.intentDigest(s.fills[0].intent), signature);
        s.fills[0].signature[0] = 0x01;
        mustFail(s, abi.encodeWithSelector(SignatureRefused.selector, address(wallet)));
        s.fills[0].signature[0] = 0x00;
        s.fills[0].intent.validTo -= 1;
        mustFail(s, abi.encodeWithSelector(SignatureRefused.selector, address(wallet)));
        s.fills[0].intent.validTo += 1;
        mustSettle(s);
    }

    function test_empty_signature() public {
        Wallet wallet = new Wallet(Wallet.Way.Checking);
        Solution memory s = trade(address(wallet), "");
        wallet.expect(settlement.intentDigest(s.fills[0].intent), "");
        mustSettle(s);
    }

    /// @dev Under the scheme of contracts the contract decides, even if the account has a key too.
    function test_the_key_does_not_count_under_this_scheme() public {
        Solution memory s = barter(ONE);
        s.fills[0].scheme = ERC1271;
        vm.etch(vm.addr(ALICE), address(new Parrot()).code);
        mustFail(s, abi.encodeWithSelector(SignatureRefused.selector, vm.addr(ALICE)));
    }

    /// @dev A contract can not be taken for a key: an ECDSA signature never recovers to it.
    function test_a_contract_has_no_key() public {
        address wallet = address(new Wallet(Wallet.Way.Right));
        Solution memory s = trade(wallet, "");
        s.fills[0].scheme = ECDSA;
        s.fills[0].signature = signed(ALICE, settlement.intentDigest(s.fills[0].intent));
        mustFail(s, abi.encodeWithSelector(WrongSigner.selector, vm.addr(ALICE), wallet));
    }
}
