// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PlainToken} from "./HostileTokens.sol";

/// @dev A token with the older permit: a counter in the message, and everything or nothing instead of an amount.
contract DaiToken is PlainToken {
    bytes32 private constant TYPEHASH =
        keccak256("Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)");

    mapping(address => uint256) public nonces;

    function digest(address holder, address spender, uint256 nonce, uint256 expiry, bool allowed)
        public
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(abi.encode(keccak256("EIP712Domain(address verifyingContract)"), address(this)));
        bytes32 message = keccak256(abi.encode(TYPEHASH, holder, spender, nonce, expiry, allowed));
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }

    function permit(
        address holder,
        address spender,
        uint256 nonce,
        uint256 expiry,
        bool allowed,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        require(holder != address(0), "no holder");
        require(ecrecover(digest(holder, spender, nonce, expiry, allowed), v, r, s) == holder, "another signer");
        require(expiry == 0 || block.timestamp <= expiry, "late");
        require(nonce == nonces[holder]++, "another nonce");
        allowance[holder][spender] = allowed ? type(uint256).max : 0;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spend(from, amount);
        _move(from, to, amount);
        return true;
    }
}
