// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

error Paused();
error OnlyPauser(address caller);
error ThresholdOutOfRange(uint256 threshold, uint256 signers);
error SignersNotAscending(address previous, address signer);
error NotHouseSigner(address recovered);
error HouseSignatureLength(uint256 length, uint256 expected);
