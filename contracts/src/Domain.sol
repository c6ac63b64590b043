// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The EIP-712 domain ("Walras", "1", chain id, this contract)
abstract contract Domain {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    uint256 private immutable _chainId = block.chainid;
    bytes32 private immutable _separator = _computeSeparator();

    /// @notice The domain separator of the current chain, also after a fork.
    function domainSeparator() public view returns (bytes32) {
        return block.chainid == _chainId ? _separator : _computeSeparator();
    }

    function _computeSeparator() private view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("Walras"), keccak256("1"), block.chainid, address(this)));
    }

    function _digest(bytes32 structHash) internal view returns (bytes32 digest) {
        bytes32 separator = domainSeparator();
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, hex"1901")
            mstore(add(data, 0x02), separator)
            mstore(add(data, 0x22), structHash)
            digest := keccak256(data, 0x42)
        }
    }
}
