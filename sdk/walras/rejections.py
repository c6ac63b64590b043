"""Every reason for which the house says no, once, with the sentence that explains it.

One enum serves intents refused at intake, bids refused in a round, and intents left unfilled, so that a
reason means the same everywhere: in a problem document, in a record, on the dashboard.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A named reason. ``Reason.X.sentence`` explains it to a person."""

    sentence: str
    status: int

    def __new__(cls, value: str, sentence: str = "", status: int = 0) -> Reason:
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        member.status = status
        return member

    # -- an intent or a request is refused at intake (with its HTTP status) --
    MALFORMED = "malformed", "The message does not have the documented shape.", 422
    MALFORMED_JSON = "malformed_json", "The body is not valid JSON.", 400
    UNKNOWN_FIELD = "unknown_field", "The message holds a field that is not documented.", 422
    BODY_TOO_LARGE = "body_too_large", "The body is longer than this house accepts.", 413
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range", "A number is negative, fractional or larger than its type allows.", 422
    ZERO_AMOUNT = "zero_amount", "Every amount must be greater than zero.", 422
    SAME_TOKEN = "same_token", "A token appears twice in one intent.", 422
    NATIVE_GIVE = "native_give", "The native coin can be wanted but not given.", 422
    TOO_MANY_LEGS = "too_many_legs", "A side has 1 to 8 legs.", 422
    BAD_DUTCH = "bad_dutch", "The moving bounds break the rules for moving bounds.", 422
    BAD_WINDOW = "bad_window", "The intent's time window is empty or too far away.", 422
    BAD_MIN_FILL = "bad_min_fill", "The least fill does not fit the intent's full amount.", 422
    BAD_RECEIVER = "bad_receiver", "The receiver may not be a contract of the house.", 422
    TERMS_MISSING = "terms_missing", "The intent signs terms, but they were not sent beside it.", 422
    TERMS_MISMATCH = "terms_mismatch", "The terms beside the intent are not those that it signs.", 422
    TERMS_MALFORMED = "terms_malformed", "The terms are not the canonical encoding of terms.", 422
    BAD_CONDITION = "bad_condition", "The condition in the terms breaks a rule for conditions.", 422
    BAD_HOOK = "bad_hook", "A hook in the terms breaks a rule for hooks.", 422
    BAD_FEE_SHARE = "bad_fee_share", "A fee share in the terms breaks a rule for fee shares.", 422
    BAD_EXCLUSIVITY = "bad_exclusivity", "The window for one solver in the terms is incomplete.", 422
    WRONG_CHAIN = "wrong_chain", "The intent was signed for another chain.", 422
    WRONG_CONTRACT = "wrong_contract", "The intent was signed for another settlement contract.", 422
    BAD_SIGNATURE = "bad_signature", "The signature is not one of this owner over this intent.", 422
    EXPIRED = "expired", "The intent's validTo has passed.", 422
    NOT_YET_VALID = "not_yet_valid", "The intent's validFrom is further away than the allowed window.", 422
    OLD_EPOCH = "old_epoch", "The nonce belongs to an epoch that its owner has cancelled.", 422
    FUTURE_EPOCH = "future_epoch", "The nonce belongs to an epoch that its owner has not reached.", 422
    BURNED_NONCE = "burned_nonce", "The nonce was used or cancelled on chain.", 422
    UNKNOWN_TOKEN = "unknown_token", "A token is not a contract on this chain.", 422
    INSUFFICIENT_BALANCE = "insufficient_balance", "The owner's balance is below what the intent gives.", 422
    INSUFFICIENT_ALLOWANCE = (
        "insufficient_allowance",
        "The owner has not allowed the vault to move what the intent gives.",
        422,
    )
    INSUFFICIENT_DEPOSIT = (
        "insufficient_deposit",
        "The owner keeps its funds in the vault, and its balance there is below what the intent gives.",
        422,
    )
    PERMIT2_NOT_ALLOWED = (
        "permit2_not_allowed",
        "The owner has not allowed Permit2 to move what the intent gives.",
        422,
    )
    PERMIT2_WHOLE_ONLY = "permit2_whole_only", "A Permit2 signature is good for one transfer, of a whole intent.", 422
    CONTRACT_REFUSES = "contract_refuses", "The owner's contract does not confirm the signature (ERC-1271).", 422
    NOT_PRESIGNED = "not_presigned", "The owner has not signed the intent on chain.", 422
    PERMIT2_NONCE_USED = "permit2_nonce_used", "The owner's nonce at Permit2 is used or cancelled.", 422
    BAD_PERMIT = "bad_permit", "The permit beside the intent does not allow the vault what the intent gives.", 422
    UNKNOWN_INTENT = "unknown_intent", "The house has never accepted an intent with this uid.", 404
    NOT_CANCELLABLE = "not_cancellable", "The intent is settled, expired or cancelled already.", 409
    CANCELLED_BEFORE = "cancelled_before", "Its owner cancelled the intent before it arrived.", 409
    BAD_CANCEL = "bad_cancel", "A cancel names exactly one of uid, word and epoch.", 422
    NOT_AMENDABLE = "not_amendable", "Only an intent that is open and has no fill yet can be replaced.", 409
    AMEND_MISMATCH = "amend_mismatch", "An intent can replace only one of the same owner and nonce.", 422
    TOO_MANY_OPEN = (
        "too_many_open",
        "The owner's open intents together give many times more than its funds.",
        422,
    )
    RATE_LIMITED = "rate_limited", "Too many requests in a short time; Retry-After says when to try again.", 429
    CHAIN_UNAVAILABLE = "chain_unavailable", "The chain did not answer, so nothing could be checked; try again.", 503
    NOT_FOUND = "not_found", "There is nothing at this address.", 404
    NOT_IN_LOG = "not_in_log", "The log has no such entry, or never had that size.", 404
    METHOD_NOT_ALLOWED = "method_not_allowed", "This address does not serve that method.", 405
    STOPPING = "stopping", "The house is shutting down and accepts nothing more.", 503
    STORE_UNAVAILABLE = "store_unavailable", "The house could not write its log; nothing was accepted.", 503
    INTERNAL_ERROR = "internal_error", "The house failed in a way it did not foresee; nothing was accepted.", 500

    # -- a solver's answer as a whole is refused --
    SOLVER_TIMEOUT = "solver_timeout", "The solver did not answer before the deadline."
    SOLVER_CRASHED = "solver_crashed", "The solver's process ended before it answered."
    SOLVER_BROKEN = "solver_broken", "The solver can not be loaded."
    SOLVER_OVER_CAP = "solver_over_cap", "The solver used more memory or CPU time than it may, and was ended."
    ANSWER_TOO_LARGE = "answer_too_large", "The solver's answer is larger than the house reads."
    ANSWER_MALFORMED = "answer_malformed", "The solver's answer does not have the documented shape."
    TOO_MANY_SOLUTIONS = (
        "too_many_solutions",
        "The solver sent more solutions than a round allows; the surplus ones were not read.",
    )
    SOLVER_NOT_BONDED = "solver_not_bonded", "The solver's account has no bond in the registry."
    SOLVER_BENCHED = "solver_benched", "The solver is benched because an earlier win of its did not settle."

    # -- one solution is refused (DESIGN §5, in the order of its rules) --
    UNKNOWN_UID = "unknown_uid", "A fill names an intent that is not in the batch."
    DUPLICATE_FILL = "duplicate_fill", "An intent is filled twice in one solution."
    ALTERNATIVES_CLASH = "alternatives_clash", "Two fills serve alternatives of which at most one may fill."
    OUTSIDE_WINDOW = "outside_window", "A fill lies outside its intent's time window."
    OVERFILL = "overfill", "A fill exceeds what is left of its intent."
    WHOLE_ONLY = "whole_only", "A whole intent was filled in part."
    BELOW_MIN_FILL = "below_min_fill", "A fill is smaller than the intent's least fill."
    EMPTY_SOLUTION = "empty_solution", "The solution fills nothing."
    MISSING_PRICE = "missing_price", "A traded token has no price in the solution."
    BAD_PRICE = "bad_price", "A price is zero, negative or above 2^128-1."
    BAD_ROUNDING = "bad_rounding", "The stated rounding names a leg that does not exist."
    ROUNDING_AGAINST_TRADER = "rounding_against_trader", "A leg under 10^6 atoms is rounded against its trader."
    ZERO_LEG = "zero_leg", "A fill would leave a leg of zero atoms."
    AMOUNT_OVERFLOW = "amount_overflow", "An executed amount is above 2^128-1."
    LIMIT_VIOLATED = "limit_violated", "A fill breaks its intent's signed limit."
    BAD_FEE = "bad_fee", "A fee is negative or not smaller than what its fill gives."
    NOT_CONSERVED = "not_conserved", "The solution pays out more of a token than it takes in."
    INSUFFICIENT_FUNDS = "insufficient_funds", "An owner's funds do not cover this solution's fills."
    INSUFFICIENT_COVER = "insufficient_cover", "The solver's deposit does not cover the stated cover."
    UNKNOWN_POOL = "unknown_pool", "An interaction names liquidity that is not in the batch."
    FORBIDDEN_TARGET = (
        "forbidden_target",
        "An interaction calls a contract or function that interactions may not touch.",
    )
    BAD_INTERACTION = "bad_interaction", "An interaction's calls, inputs or outputs do not have the documented shape."
    SIMULATION_FAILED = "simulation_failed", "The settlement reverted when simulated on chain state."
    SIMULATION_MISMATCH = "simulation_mismatch", "The simulated settlement did not pay what the solution says."
    FEE_ABOVE_CAP = "fee_above_cap", "A fee is above its share of the simulated gas and the published margin."
    FEES_BELOW_GAS = "fees_below_gas", "The solution's fees do not pay for its simulated gas."
    PRICE_IMPACT = "price_impact", "A fill is worse than the reference price by more than the bound."
    FEE_BELOW_SHARES = "fee_below_shares", "A fee is smaller than the fee shares that the intent's terms promise."
    EXCLUSIVE_SOLVER = "exclusive_solver", "The intent is still reserved for another solver."

    # -- a valid solution does not win --
    SCORE_NOT_POSITIVE = "score_not_positive", "After fees the solution is worth nothing to traders."
    UNFAIR_TO_PAIR = "unfair_to_pair", "Another solution gives a token pair of it more on its own."
    OUTBID = "outbid", "The winning set is worth more to traders without this solution."
    SIBLING_TOOK_BALANCE = (
        "sibling_took_balance",
        "Another intent of the same owner takes the balance that this one needs.",
    )

    # -- an accepted intent is not filled --
    NO_COUNTERPARTY = "no_counterparty", "Nobody offers the other side at the signed limit."
    GAS_EXCEEDS_SURPLUS = "gas_exceeds_surplus", "What the trade would gain is less than the gas it costs."
    NO_SOLUTION_WON = "no_solution_won", "A bid would have filled the intent, but no such bid won."
    NO_SOLUTION_FOUND = "no_solution_found", "The limit could have been met, but no solver proposed a fill."
    PARKED_FUNDS = "parked_funds", "The owner's balance or allowance no longer covers any fill of the intent."
    SIGNATURE_REVOKED = "signature_revoked", "The owner's signature counts no longer on chain."
    PERMIT_FAILED = "permit_failed", "The permit beside the intent failed on chain."
    CONDITION_NOT_MET = "condition_not_met", "The condition in the intent's terms does not hold yet."
    TERMS_FAILED = "terms_failed", "The intent's own terms made a settlement fail; it sits out for a while."
    CONDITION_UNREADABLE = "condition_unreadable", "The chain gives no answer to the condition in the intent's terms."
    CANCELLED = "cancelled", "The owner cancelled the intent."
    SETTLEMENT_FAILED = "settlement_failed", "The winning solution did not settle on chain."


class Rejection(Exception):
    """A refusal: its reason, the field it concerns, and what is wrong with it in words."""

    def __init__(self, reason: Reason, field: str, detail: str, **extra: str) -> None:
        super().__init__(f"{reason.value}: {field}: {detail}" if field else f"{reason.value}: {detail}")
        self.reason = reason
        self.field = field
        self.detail = detail
        self.extra = extra
