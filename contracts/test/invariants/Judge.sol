// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Terms} from "../../src/Terms.sol";
import "../../src/Types.sol";
import {Packer} from "../helpers/Packer.sol";
import {Ghosts, Law} from "./Ghosts.sol";

/// @dev The verdict on each settlement, from balances before and after it and from what was signed.
abstract contract Judge is Ghosts {
    // --- settling under observation

    function award(Solution memory s, address by) internal returns (Entry memory e) {
        e.solution = Packer.pack(s);
        e.award = Award(++rounds, by, 8_000_000, clock + 60, "");
        e.award.signature = signed(SIGNER_KEY, digestOf(e));
    }

    function list(Solution memory s) internal pure returns (Solution[] memory one) {
        one = new Solution[](1);
        one[0] = s;
    }

    /// @dev Settles one solution for the solver.
    function play(Solution memory s) internal returns (bool) {
        return play(list(s), bundle(award(s, solver)), house)[0].settled;
    }

    /// @dev Settles and judges.
    function play(Solution[] memory solutions, Entry[] memory entries, address sender)
        internal
        returns (Outcome[] memory outcomes)
    {
        Picture memory before = picture();
        vm.prank(sender);
        outcomes = settlement.settle(entries);
        Picture memory now_ = picture();
        uint256[] memory released = new uint256[](tokens.length);
        uint256[] memory shared = new uint256[](tokens.length);
        bool any;
        for (uint256 i; i < outcomes.length; ++i) {
            if (!outcomes[i].settled) {
                ++refused;
                continue;
            }
            any = true;
            _judgeAward(digestOf(entries[i]));
            Solution memory s = solutions[i];
            for (uint256 t; t < tokens.length; ++t) {
                released[t] += s.cover[t];
            }
            for (uint256 j; j < s.fills.length; ++j) {
                _judge(s.fills[j], entries[i].award.solver, before, now_, shared);
            }
        }
        if (any) ++settledCalls;
        else breaks(Law.FAILED_IS_NOTHING, keccak256(abi.encode(before)) != keccak256(abi.encode(now_)));
        _judgeHouse(before, now_, released, shared);
    }

    function _judgeAward(bytes32 digest) private {
        breaks(Law.AWARD_ONCE, awardSettled[digest]);
        awardSettled[digest] = true;
    }

    function _judgeHouse(Picture memory before, Picture memory now_, uint256[] memory released, uint256[] memory shared)
        private
    {
        (uint256 safe, uint256 sharer) = (seat[treasury], seat[SHARER]);
        for (uint256 t; t < tokens.length; ++t) {
            breaks(Law.CONSERVED, total(now_, t) != supply[t]);
            breaks(Law.TREASURY, now_.held[safe][t] < before.held[safe][t]);
            breaks(Law.COVER, now_.cover[t] + released[t] < before.cover[t]);
            breaks(Law.SHARES, now_.held[sharer][t] != before.held[sharer][t] + shared[t]);
        }
        // Every lock lets the next one in: what is refused is refused for another reason.
        (, bytes memory reason) = address(settlement).call(abi.encodeCall(settlement.settle, (new Entry[](0))));
        breaks(Law.LOCKED, bytes4(reason) != bytes4(keccak256("NothingToSettle()")));
        vm.prank(address(1));
        try vault.withdraw(a, 0, address(1)) {}
        catch {
            broken[Law.LOCKED] = true;
        }
    }

    // --- one fill

    function _judge(Fill memory f, address by, Picture memory before, Picture memory now_, uint256[] memory shared)
        private
    {
        Intent memory i = f.intent;
        bytes32 uid = settlement.intentDigest(i);
        uint256 whole = (i.kind == SELL ? i.gives : i.wants)[0].start;
        ++settledFills;
        _judgeRight(f, uid, whole);
        ghostFilled[uid] += f.executed;
        breaks(Law.NOT_ABOVE_SIGNED, ghostFilled[uid] > whole);
        startedBy[i.owner][i.nonce] = uid;
        _judgeGives(f, uid, whole, before, now_);
        _judgeWants(f, uid, whole, before, now_);
        if (f.terms.length == 0) return;
        Terms memory terms = abi.decode(f.terms, (Terms));
        bool exclusive = terms.exclusiveSolver != address(0) && clock <= terms.exclusiveUntil;
        breaks(Law.EXCLUSIVE, exclusive && by != terms.exclusiveSolver);
        uint256 give = before.held[seat[i.owner]][f.giveTokens[0]] - now_.held[seat[i.owner]][f.giveTokens[0]];
        for (uint256 j; j < terms.shares.length; ++j) {
            shared[f.giveTokens[0]] += give * terms.shares[j].bps / 10_000;
        }
    }

    /// @dev Might it be filled at all?
    function _judgeRight(Fill memory f, bytes32 uid, uint256 whole) private {
        Intent memory i = f.intent;
        bytes32 first = startedBy[i.owner][i.nonce];
        breaks(Law.UNSIGNED, forging);
        breaks(Law.OUT_OF_TIME, clock < i.validFrom || clock > i.validTo);
        breaks(Law.CANCELLED, cancelled[i.owner][i.nonce]);
        breaks(Law.OLD_EPOCH, i.nonce >> 192 != ghostEpoch[i.owner]);
        breaks(Law.ALTERNATIVES, first != 0 && first != uid);
        if (i.fill == WHOLE) breaks(Law.WHOLE_ONCE, ghostFilled[uid] != 0 || f.executed != whole);
    }

    function _judgeGives(Fill memory f, bytes32 uid, uint256 whole, Picture memory before, Picture memory now_)
        private
    {
        Intent memory i = f.intent;
        uint256 o = seat[i.owner];
        for (uint256 j; j < i.gives.length; ++j) {
            uint256 t = f.giveTokens[j];
            (uint256 had, uint256 has) = (before.held[o][t], now_.held[o][t]);
            uint256 gave = had > has ? had - has : 0;
            breaks(Law.ZERO_LEG, gave == 0);
            breaks(Law.PAYS_MORE, gave * whole > _most(i, i.gives[j]) * f.executed);
            ghostGave[uid][j] += gave;
            breaks(Law.SPLIT_PAYS_MORE, ghostGave[uid][j] * whole > i.gives[j].end * ghostFilled[uid]);
            if (ghostKeeps[i.owner]) ghostKept[i.owner][t] -= gave;
        }
    }

    function _judgeWants(Fill memory f, bytes32 uid, uint256 whole, Picture memory before, Picture memory now_)
        private
    {
        Intent memory i = f.intent;
        address to = i.receiver == address(0) ? i.owner : i.receiver;
        for (uint256 j; j < i.wants.length; ++j) {
            uint256 t = f.wantTokens[j];
            (uint256 had, uint256 has) = (before.held[seat[to]][t], now_.held[seat[to]][t]);
            uint256 got = has > had ? has - had : 0;
            breaks(Law.ZERO_LEG, got == 0);
            breaks(Law.GETS_LESS, got * whole < _least(i, i.wants[j]) * f.executed);
            ghostGot[uid][j] += got;
            breaks(Law.SPLIT_GETS_LESS, ghostGot[uid][j] * whole < i.wants[j].end * ghostFilled[uid]);
            bool stays = ghostKeeps[i.owner] && to == i.owner && i.wants[j].token != NATIVE;
            if (stays) ghostKept[i.owner][t] += got;
        }
    }

    /// @dev The signed maximum at this moment: rising from start to end, to the trader's side of an atom.
    function _most(Intent memory i, Leg memory leg) private view returns (uint256) {
        if (i.decayTo == i.validFrom || clock >= i.decayTo) return leg.end;
        uint256 span = i.decayTo - i.validFrom;
        return (leg.start * (i.decayTo - clock) + leg.end * (clock - i.validFrom)) / span;
    }

    /// @dev The signed minimum at this moment: falling from start to end, to the trader's side of an atom.
    function _least(Intent memory i, Leg memory leg) private view returns (uint256) {
        if (i.decayTo == i.validFrom || clock >= i.decayTo) return leg.end;
        uint256 span = i.decayTo - i.validFrom;
        return (leg.start * (i.decayTo - clock) + leg.end * (clock - i.validFrom) + span - 1) / span;
    }
}
