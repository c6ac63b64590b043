// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {
    AlreadyLeaving,
    BondTooLow,
    NotJoined,
    NotLeaving,
    NoticeRunning,
    OnlyOwner,
    PaymentFailed,
    PullFailed,
    ZeroAddress
} from "./Errors.sol";
import {ISolverRegistry} from "./interfaces/ISolverRegistry.sol";
import {Tokens} from "./Tokens.sol";

/// @title SolverRegistry
/// @dev The bond token is the operator's choice and is expected to move what it says.
contract SolverRegistry is ISolverRegistry {
    /// @notice The token in which bonds are posted.
    address public immutable bondToken;
    /// @notice Seconds between the announcement of a leave and the leave.
    uint256 public immutable noticePeriod;
    /// @notice May change the minimum.
    address public immutable owner;
    /// @notice The least bond of a bonded solver.
    uint256 public minimumBond;
    /// @notice What a solver has posted.
    mapping(address solver => uint256) public bondOf;
    /// @notice When an announced leave becomes possible; zero if none was announced.
    mapping(address solver => uint256) public leavesAt;

    constructor(address bondToken_, uint256 minimumBond_, uint256 noticePeriod_, address owner_) {
        if (bondToken_ == address(0) || owner_ == address(0)) revert ZeroAddress();
        bondToken = bondToken_;
        noticePeriod = noticePeriod_;
        owner = owner_;
        minimumBond = minimumBond_;
        emit MinimumBondChanged(0, minimumBond_);
    }

    /// @inheritdoc ISolverRegistry
    function isBonded(address solver) external view returns (bool) {
        uint256 bond = bondOf[solver];
        uint256 leaves = leavesAt[solver];
        return bond != 0 && bond >= minimumBond && (leaves == 0 || block.timestamp < leaves);
    }

    /// @notice Changes the minimum for everyone; a solver below it is not bonded until it tops up.
    function setMinimumBond(uint256 next) external {
        if (msg.sender != owner) revert OnlyOwner(msg.sender);
        emit MinimumBondChanged(minimumBond, next);
        minimumBond = next;
    }

    /// @inheritdoc ISolverRegistry
    function join(uint256 amount) external {
        uint256 bond = bondOf[msg.sender] + amount;
        if (bond == 0 || bond < minimumBond) revert BondTooLow(bond, minimumBond);
        bondOf[msg.sender] = bond;
        leavesAt[msg.sender] = 0;
        emit Joined(msg.sender, amount, bond);
        if (!SafeTransferLib.trySafeTransferFrom(bondToken, msg.sender, address(this), amount)) {
            revert PullFailed(bondToken, msg.sender, address(this), amount);
        }
    }

    /// @inheritdoc ISolverRegistry
    function announceLeave() external {
        if (bondOf[msg.sender] == 0) revert NotJoined(msg.sender);
        if (leavesAt[msg.sender] != 0) revert AlreadyLeaving(msg.sender, leavesAt[msg.sender]);
        uint256 leaves = block.timestamp + noticePeriod;
        leavesAt[msg.sender] = leaves;
        emit LeaveAnnounced(msg.sender, leaves);
    }

    /// @inheritdoc ISolverRegistry
    function leave() external {
        uint256 leaves = leavesAt[msg.sender];
        if (leaves == 0) revert NotLeaving(msg.sender);
        if (block.timestamp < leaves) revert NoticeRunning(leaves, block.timestamp);
        uint256 bond = bondOf[msg.sender];
        bondOf[msg.sender] = 0;
        leavesAt[msg.sender] = 0;
        emit Left(msg.sender, bond);
        if (!Tokens.tryTransfer(bondToken, msg.sender, bond)) revert PaymentFailed(bondToken, msg.sender, bond);
    }
}
