// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {IPermit2} from "../../src/interfaces/IPermit2.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";
import {Permit2Double, Permit2Signing} from "../helpers/Permit2Double.sol";

/// @dev What the vault asks of Permit2, which is a double here.
contract PullPermittedTest is Market {
    bytes32 private constant WITNESS = keccak256("an intent");
    address private alice;

    function setUp() public override {
        super.setUp();
        Permit2Signing.install(vm);
        alice = vm.addr(ALICE);
        mint(a, alice, 10);
        mint(b, alice, 20);
        approve(alice, a, PERMIT2_CONTRACT, 10);
        approve(alice, b, PERMIT2_CONTRACT, 20);
    }

    /// @dev Signed by Alice: up to 10 of a, and up to 20 of b if there are two.
    function permitted(uint256 count) private view returns (Permitted memory p) {
        (p.owner, p.nonce, p.deadline, p.witness) = (alice, 300, NOW, WITNESS);
        p.tokens = new PermittedToken[](count);
        p.tokens[0] = PermittedToken(a, 10, 9);
        if (count == 2) p.tokens[1] = PermittedToken(b, 20, 20);
        IPermit2.TokenPermissions[] memory list = new IPermit2.TokenPermissions[](count);
        for (uint256 k; k < count; ++k) {
            list[k] = IPermit2.TokenPermissions(p.tokens[k].token, p.tokens[k].maximum);
        }
        p.signature = signed(
            ALICE,
            count == 1
                ? Permit2Signing.one(address(vault), IPermit2.PermitTransferFrom(list[0], 300, NOW), WITNESS)
                : Permit2Signing.several(address(vault), IPermit2.PermitBatchTransferFrom(list, 300, NOW), WITNESS)
        );
    }

    function refuses(Permitted memory p, bytes memory reason) private {
        vm.prank(address(settlement));
        vm.expectRevert(reason);
        vault.pullPermitted(p, address(executor));
    }

    function take(Permitted memory p) private {
        vm.prank(address(settlement));
        vault.pullPermitted(p, address(executor));
    }

    function test_only_for_the_settlement() public {
        Permitted memory p = permitted(1);
        vm.expectRevert(abi.encodeWithSelector(OnlySettlement.selector, address(this)));
        vault.pullPermitted(p, address(this));
    }

    function test_one_token() public {
        take(permitted(1));
        eq(balance(a, address(executor)), 9, "what was asked for");
        eq(balance(a, alice), 1, "the rest");
    }

    function test_two_tokens() public {
        take(permitted(2));
        eq(balance(a, address(executor)), 9, "a");
        eq(balance(b, address(executor)), 20, "b");
    }

    function test_once() public {
        take(permitted(1));
        refuses(permitted(1), abi.encodeWithSelector(Permit2Double.InvalidNonce.selector));
        refuses(permitted(2), abi.encodeWithSelector(Permit2Double.InvalidNonce.selector));
    }

    function test_no_more_than_permitted() public {
        Permitted memory p = permitted(1);
        p.tokens[0].amount = 11;
        refuses(p, abi.encodeWithSelector(Permit2Double.InvalidAmount.selector, 10));
        p.tokens[0].maximum = 11;
        refuses(p, abi.encodeWithSelector(Permit2Double.InvalidSigner.selector));
        p = permitted(2);
        p.tokens[1].amount = 21;
        refuses(p, abi.encodeWithSelector(Permit2Double.InvalidAmount.selector, 20));
    }

    function test_in_time() public {
        Permitted memory p = permitted(1);
        vm.warp(NOW + 1);
        refuses(p, abi.encodeWithSelector(Permit2Double.SignatureExpired.selector, NOW));
    }

    function test_every_member_is_signed() public {
        for (uint256 k; k < 6; ++k) {
            Permitted memory p = permitted(k < 5 ? 1 : 2);
            if (k == 0) p.owner = vm.addr(BOB);
            if (k == 1) ++p.nonce;
            if (k == 2) ++p.deadline;
            if (k == 3) p.witness = 0;
            if (k == 4) p.tokens[0].token = b;
            if (k == 5) (p.tokens[0], p.tokens[1]) = (p.tokens[1], p.tokens[0]);
            refuses(p, abi.encodeWithSelector(Permit2Double.InvalidSigner.selector));
        }
    }
}
