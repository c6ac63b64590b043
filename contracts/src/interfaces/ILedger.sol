// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The house's signed word that a log entry has this place: EIP-712, in the domain of the settlement.
struct Receipt {
    uint64 epoch;
    uint64 sequence;
    uint64 time;
    bytes32 uid;
    bytes32 previous;
    bytes32 head;
}

/// @dev What the operator promises. Times in seconds, amounts in atoms of the bond token.
struct LedgerTerms {
    /// Within this time after a receipt its entry is under a posted root.
    uint64 inclusionPeriod;
    /// Until this time after a receipt it can be challenged.
    uint64 challengePeriod;
    /// In this time an omission that is claimed has to be disproved.
    uint64 answerPeriod;
    /// After this time an announced withdrawal of the bond is possible. Longer than `challengePeriod`.
    uint64 noticePeriod;
    /// What a proven breach costs the operator.
    uint128 penalty;
    /// Whoever proves it gets this of it; the beneficiary gets the rest.
    uint128 reward;
    /// What a challenger puts at stake when it claims an omission.
    uint128 stake;
}

/// @title What the house has published of its log, and what it loses if its receipts were lies
/// @notice The operator posts Merkle roots (RFC 6962) over the heads of its log. Leaf `i` of an epoch's tree is the
///         head after the entry with sequence number `i + 1`. Two receipts for one place, or a receipt whose head can
///         not be shown under a posted root, cost the operator's bond.
/// @dev Not judged here: two posted roots of which the larger does not extend the smaller. Consistency proofs (RFC
///      9162, 2.1.4) are served and checked off chain, and an entry that was rewritten is an omission of its receipt,
///      so its holder is paid anyway. Nor is the age of a root: one that was posted late, but before anyone complained,
///      will do. A receipt from the future can not be challenged until its time has come: clients refuse it. Nobody
///      should be content with a receipt after a withdrawal was announced that is due before the receipt's
///      `challengePeriod` ends.
interface ILedger {
    event RootPosted(uint64 indexed epoch, uint64 indexed size, bytes32 logRoot, bytes32 stateRoot);
    event EquivocationProven(
        uint64 indexed epoch, uint64 indexed sequence, address indexed by, bytes32 headA, bytes32 headB, uint256 slashed
    );
    event OmissionClaimed(
        uint256 indexed id,
        uint64 indexed epoch,
        uint64 indexed sequence,
        bytes32 uid,
        bytes32 head,
        address challenger,
        uint256 stake,
        uint256 answerUntil
    );
    event OmissionAnswered(uint256 indexed id, uint64 size, bool inTime);
    event OmissionResolved(uint256 indexed id, address indexed challenger, uint256 slashed);

    /// @notice Publishes the roots after the first `size` entries of an epoch's log. Only the operator; sizes only
    ///         grow, so that a root once posted stays.
    /// @param stateRoot Root of the house's state after that entry; nothing is proven against it here yet.
    function post(uint64 epoch, uint64 size, bytes32 logRoot, bytes32 stateRoot) external;

    /// @notice Shows two different receipts for one place. Pays once for each place, whoever comes first: the caller is
    ///         credited with the reward.
    function proveEquivocation(Receipt calldata a, bytes calldata sigA, Receipt calldata b, bytes calldata sigB)
        external;

    /// @notice Claims that the entry of a receipt is under no posted root although its time has come. Takes a stake,
    ///         which comes back unless the entry was there all the time. Each receipt is challenged once.
    function challengeOmission(Receipt calldata receipt, bytes calldata sig) external returns (uint256 id);

    /// @notice Shows the entry under a root. Anyone, within the answer period. If that root was posted before the
    ///         claim, the stake goes to the operator; if it came only after it, the claim was right and the stake goes
    ///         back.
    function answerOmission(uint256 id, uint64 size, bytes32[] calldata proof) external;

    /// @notice Pays a challenger whose claim was not answered. Anyone.
    function resolve(uint256 id) external;
}
