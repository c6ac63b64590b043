// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleLog} from "../../src/MerkleLog.sol";
import {Ledgered} from "./Ledgered.sol";

/// @dev The cheat codes that read the vectors.
interface Files {
    function parseJsonBool(string calldata json, string calldata key) external pure returns (bool);
    function parseJsonBytes32Array(string calldata json, string calldata key) external pure returns (bytes32[] memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function readFile(string calldata path) external view returns (string memory);
}

contract MerkleHarness {
    function includes(bytes32 root, uint256 size, uint256 index, bytes32 head, bytes32[] calldata proof)
        external
        pure
        returns (bool)
    {
        return MerkleLog.includes(root, size, index, MerkleLog.leafHash(head), proof);
    }

    function extends(bytes32 oldRoot, uint256 oldSize, bytes32 root, uint256 size, bytes32[] calldata proof)
        external
        pure
        returns (bool)
    {
        return MerkleLog.extends(oldRoot, oldSize, root, size, proof);
    }
}

contract MerkleLogTest is Ledgered {
    Files private constant files = Files(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint64 private constant MOST = 300;

    MerkleHarness private merkle = new MerkleHarness();

    function setUp() public override {}

    /// @dev The proof that the tree over from..to begins with the leaves up to `old`.
    function extension(uint64 old, uint64 from, uint64 to, bool known) private pure returns (bytes32[] memory path) {
        if (old == to) return known ? path : append(path, rootOf(from, to));
        uint64 middle = from + half(to - from);
        return old <= middle
            ? append(extension(old, from, middle, known), rootOf(middle, to))
            : append(extension(old, middle, to, false), rootOf(from, middle));
    }

    /// @dev One hash changed, missing, or too many.
    function spoil(bytes32[] memory proof, uint256 seed) private pure returns (bytes32[] memory spoiled) {
        if (proof.length == 0 || seed % 3 == 0) return append(proof, bytes32(seed));
        uint256 place = (seed >> 8) % proof.length;
        if (seed % 3 == 1) {
            proof[place] ^= bytes32(1 << (seed >> 16) % 256);
            return proof;
        }
        spoiled = new bytes32[](proof.length - 1);
        for (uint256 i; i < spoiled.length; ++i) {
            spoiled[i] = proof[i < place ? i : i + 1];
        }
    }

    // --- inclusion

    function test_every_leaf_of_every_small_tree() public view {
        for (uint64 size = 1; size <= 17; ++size) {
            bytes32 root = rootOf(0, size);
            for (uint64 index; index < size; ++index) {
                bytes32[] memory path = pathOf(index, 0, size);
                for (uint64 place; place < size; ++place) {
                    bool shown = merkle.includes(root, size, place, headOf(index + 1), path);
                    yes(shown == (place == index), "included where it is and nowhere else");
                }
                yes(!merkle.includes(root, size, size, headOf(index + 1), path), "outside");
            }
        }
        yes(!merkle.includes(0, 0, 0, 0, new bytes32[](0)), "nothing is in an empty tree");
    }

    function testFuzz_inclusion(uint64 seed, uint64 place, uint256 damage) public view {
        uint64 size = uint64(within(seed, 1, MOST));
        uint64 index = uint64(within(place, 0, size - 1));
        bytes32 root = rootOf(0, size);
        bytes32[] memory path = pathOf(index, 0, size);
        yes(merkle.includes(root, size, index, headOf(index + 1), path), "included");
        yes(!merkle.includes(root, size, index, headOf(index + 2), path), "another head");
        yes(!merkle.includes(~root, size, index, headOf(index + 1), path), "another root");
        yes(!merkle.includes(root, size, index, headOf(index + 1), spoil(path, damage)), "spoiled");
    }

    function testFuzz_no_proof_out_of_thin_air(bytes32[] calldata proof, uint64 size, uint64 index, bytes32 root)
        public
        view
    {
        yes(!merkle.includes(root, size, index, headOf(1), proof), "thin air");
        yes(root == rootOf(0, 4) || !merkle.extends(rootOf(0, 4), 4, root, size, proof), "thin air");
    }

    // --- consistency

    function test_every_beginning_of_every_small_tree() public view {
        for (uint64 size = 1; size <= 17; ++size) {
            bytes32 root = rootOf(0, size);
            for (uint64 old = 1; old <= size; ++old) {
                bytes32[] memory path = extension(old, 0, size, true);
                for (uint64 claimed; claimed <= size + 1; ++claimed) {
                    bool shown = merkle.extends(rootOf(0, old), claimed, root, size, path);
                    yes(shown == (claimed == old), "begins with what it does and nothing else");
                }
            }
        }
    }

    function testFuzz_consistency(uint64 seed, uint64 cut, uint256 damage) public view {
        uint64 size = uint64(within(seed, 1, MOST));
        uint64 old = uint64(within(cut, 1, size));
        (bytes32 oldRoot, bytes32 root) = (rootOf(0, old), rootOf(0, size));
        bytes32[] memory path = extension(old, 0, size, true);
        yes(merkle.extends(oldRoot, old, root, size, path), "extends");
        yes(!merkle.extends(~oldRoot, old, root, size, path), "another beginning");
        yes(!merkle.extends(oldRoot, old, ~root, size, path), "another end");
        yes(!merkle.extends(oldRoot, old, root, size, spoil(path, damage)), "spoiled");
    }

    // --- the vectors that Python checks, too

    function test_vectors() public view {
        string memory json = files.readFile("../tests/vectors/merkle.json");
        bytes32[] memory heads = files.parseJsonBytes32Array(json, ".heads");
        bytes32[] memory roots = files.parseJsonBytes32Array(json, ".roots");
        for (uint256 i; i < 60; ++i) {
            string memory at = string.concat(".inclusion[", decimal(i), "]");
            (uint256 index, uint256 size) = (number(json, at, ".index"), number(json, at, ".size"));
            bytes32[] memory proof = files.parseJsonBytes32Array(json, string.concat(at, ".proof"));
            bool valid = files.parseJsonBool(json, string.concat(at, ".valid"));
            yes(merkle.includes(roots[size], size, index, heads[index], proof) == valid, at);
        }
        for (uint256 i; i < 60; ++i) {
            string memory at = string.concat(".consistency[", decimal(i), "]");
            (uint256 old, uint256 size) = (number(json, at, ".oldSize"), number(json, at, ".size"));
            bytes32[] memory proof = files.parseJsonBytes32Array(json, string.concat(at, ".proof"));
            bool valid = files.parseJsonBool(json, string.concat(at, ".valid"));
            yes(merkle.extends(roots[old], old, roots[size], size, proof) == valid, at);
        }
    }

    function number(string memory json, string memory at, string memory key) private pure returns (uint256) {
        return files.parseJsonUint(json, string.concat(at, key));
    }

    function decimal(uint256 n) private pure returns (string memory) {
        bytes memory digits = n < 10 ? new bytes(1) : new bytes(2);
        digits[digits.length - 1] = bytes1(uint8(48 + n % 10));
        if (n >= 10) digits[0] = bytes1(uint8(48 + n / 10));
        return string(digits);
    }
}
