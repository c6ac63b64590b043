// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConditionUnreadable} from "../../src/TermsErrors.sol";
import {TermsBase} from "./TermsBase.sol";

interface VmFiles {
    function mockCall(address target, bytes calldata data, bytes calldata returned) external;
    function mockCallRevert(address target, bytes calldata data, bytes calldata reason) external;
    function parseJsonAddressArray(string calldata json, string calldata key) external pure returns (address[] memory);
    function parseJsonBoolArray(string calldata json, string calldata key) external pure returns (bool[] memory);
    function parseJsonBytesArray(string calldata json, string calldata key) external pure returns (bytes[] memory);
    function parseJsonBytes32Array(string calldata json, string calldata key) external pure returns (bytes32[] memory);
    function parseJsonStringArray(string calldata json, string calldata key) external pure returns (string[] memory);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function readFile(string calldata path) external view returns (string memory);
}

/// @dev The trees on which Python and Solidity must agree.
contract TermsVectorsTest is TermsBase {
    VmFiles internal constant files = VmFiles(address(vm));
    string internal constant FILE = "../tests/vectors/terms.json";

    function test_every_vector_comes_to_what_it_says() public {
        string memory json = files.readFile(FILE);
        makeWorld(json);
        uint256[] memory times = files.parseJsonUintArray(json, ".cases.time");
        bytes[] memory terms = files.parseJsonBytesArray(json, ".cases.terms");
        bytes32[] memory hashes = files.parseJsonBytes32Array(json, ".cases.hash");
        string[] memory results = files.parseJsonStringArray(json, ".cases.result");
        yes(terms.length >= 200 && times.length == terms.length, "enough");
        yes(hashes.length == terms.length && results.length == terms.length, "complete");
        for (uint256 i; i < terms.length; ++i) {
            eq(keccak256(terms[i]), hashes[i], "hash");
            vm.warp(times[i]);
            eq(bytes(outcome(terms[i])), bytes(results[i]), results[i]);
        }
    }

    function outcome(bytes memory terms) internal view returns (string memory) {
        try runner.holds(terms) returns (bool holds) {
            return holds ? "yes" : "no";
        } catch (bytes memory reason) {
            yes(reason.length >= 4, "named");
            return bytes4(reason) == ConditionUnreadable.selector ? "unreadable" : "malformed";
        }
    }

    function makeWorld(string memory json) internal {
        address[] memory accounts = files.parseJsonAddressArray(json, ".natives.account");
        uint256[] memory amounts = files.parseJsonUintArray(json, ".natives.amount");
        for (uint256 i; i < accounts.length; ++i) {
            vm.deal(accounts[i], amounts[i]);
        }
        address[] memory targets = files.parseJsonAddressArray(json, ".calls.target");
        bytes[] memory data = files.parseJsonBytesArray(json, ".calls.data");
        bytes[] memory returned = files.parseJsonBytesArray(json, ".calls.returned");
        bool[] memory reverts = files.parseJsonBoolArray(json, ".calls.reverts");
        for (uint256 i; i < targets.length; ++i) {
            if (reverts[i]) files.mockCallRevert(targets[i], data[i], returned[i]);
            else files.mockCall(targets[i], data[i], returned[i]);
        }
    }
}
