// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

contract IntentDigestTest is Market {
    function refuses(Intent memory i, bytes memory reason) private {
        vm.expectRevert(reason);
        settlement.intentDigest(i);
    }

    function test_refuses_what_has_no_name() public {
        Intent memory i = sell(ALICE, a, 10, b, 20);
        i.kind = 2;
        refuses(i, abi.encodeWithSelector(UnknownKind.selector, 2));
        i = sell(ALICE, a, 10, b, 20);
        i.fill = 2;
        refuses(i, abi.encodeWithSelector(UnknownFill.selector, 2));
    }

    /// @dev A digest is asked for before anyone knows whether the intent can settle.
    function test_of_more_legs_than_can_settle() public {
        Intent memory i = sell(ALICE, a, 10, b, 20);
        bytes32[3] memory digests;
        for (uint256 k; k < 3; ++k) {
            i.gives = new Leg[](8 * k + 1);
            digests[k] = settlement.intentDigest(i);
        }
        yes(digests[0] != digests[1] && digests[1] != digests[2], "each its own");
    }

    function test_domain() public {
        bytes32 typeHash =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 name = keccak256("Walras");
        bytes32 version = keccak256("1");
        bytes32 expected = keccak256(abi.encode(typeHash, name, version, block.chainid, settlement));
        eq(settlement.domainSeparator(), expected, "this chain");
        vm.chainId(4242);
        expected = keccak256(abi.encode(typeHash, name, version, 4242, settlement));
        eq(settlement.domainSeparator(), expected, "another chain");
    }

    function test_a_digest_is_for_one_chain() public {
        Solution memory s = barter(ONE);
        vm.chainId(4242);
        Outcome memory outcome = settle(bundle(entry(s)))[0]; // the award is signed on this chain, the intents are not
        yes(!outcome.settled && bytes4(outcome.reason) == WrongSigner.selector, "settled");
    }
}
