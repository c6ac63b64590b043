// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IHookRunner} from "../../src/interfaces/IHookRunner.sol";

/// @dev A well-behaved target of hooks and reads.
contract Counter {
    uint256 public count;
    address public lastCaller;
    mapping(address account => uint256) public balanceOf;

    error Refused(uint256 count);

    function bump() external {
        ++count;
        lastCaller = msg.sender;
    }

    function refuse() external view {
        revert Refused(count);
    }

    function set(address account, uint256 amount) external {
        balanceOf[account] = amount;
    }
}

/// @dev Whatever is called, it misbehaves in the way that it was made for.
contract Hostile {
    enum Way {
        OneByte,
        Megabyte,
        RevertMegabyte,
        BurnGas,
        Short,
        Reenter,
        SelfReportGas
    }

    Way internal immutable way;
    IHookRunner internal immutable runner;
    bytes internal terms;
    bool public reentered;

    constructor(Way way_, IHookRunner runner_) {
        (way, runner) = (way_, runner_);
    }

    function arm(bytes calldata terms_) external {
        terms = terms_;
    }

    fallback() external {
        if (way == Way.OneByte) _give(1, false);
        if (way == Way.Short) _give(31, false);
        if (way == Way.Megabyte) _give(1 << 20, false);
        if (way == Way.RevertMegabyte) _give(1 << 20, true);
        if (way == Way.BurnGas) while (true) {}
        if (way == Way.Reenter) {
            try runner.open(terms, bytes32(0), address(this)) {
                reentered = true;
            } catch {}
            try runner.close(terms, bytes32(0)) {
                reentered = true;
            } catch {}
        }
        if (way == Way.SelfReportGas) {
            assembly ("memory-safe") {
                mstore(0x00, gas())
                return(0x00, 0x20)
            }
        }
    }

    function _give(uint256 size, bool fails) private pure {
        assembly ("memory-safe") {
            if fails { revert(0x00, size) }
            return(0x00, size)
        }
    }
}
