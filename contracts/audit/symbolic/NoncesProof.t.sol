// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Nonces} from "../../src/Nonces.sol";
import {Order, Orders} from "../../src/Order.sol";
import {PARTIAL, WHOLE} from "../../src/Types.sol";

interface Vm {
    function prank(address sender) external;
}

interface Svm {
    /// @dev From now on, what was never written to `target` may be anything.
    function enableSymbolicStorage(address target) external;
}

/// @dev The real bitmap behind calls.
contract SymbolicNonces is Nonces {
    /// @return Whether the owner keeps its funds in the vault.
    function mark(bytes32 uid, address owner, uint256 nonce, bool partially, uint128 amount, uint256 executed)
        external
        returns (bool)
    {
        Order memory order = Orders.allocate();
        (order.owner, order.nonce, order.executed) = (owner, nonce, executed);
        (order.fill, order.minFill) = partially ? (PARTIAL, uint256(1)) : (WHOLE, uint256(amount));
        order.gives[0].start = amount;
        return _mark(uid, order);
    }

    /// @dev What `_takenWords` (slot 2) holds of the nonces whose bits belong into the owner's state: nothing, ever.
    function stray(address owner, uint256 epoch) external view returns (uint256 bits) {
        uint256 word = epoch << 184;
        assembly ("memory-safe") {
            mstore(0x00, owner)
            mstore(0x20, 2)
            mstore(0x20, keccak256(0x00, 0x40))
            mstore(0x00, word)
            bits := and(sload(keccak256(0x00, 0x40)), sub(shl(192, 1), 1))
        }
    }
}

/// @dev Laws of nonces, from every state that their storage can hold. Where a law needs it, that a bit is stored in one
///      place only is assumed, and shown to last in check_bits_are_stored_in_one_place.
contract NoncesProof {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    Svm private constant svm = Svm(address(uint160(uint256(keccak256("svm cheat code")))));
    SymbolicNonces private nonces;

    function setUp() public {
        nonces = new SymbolicNonces();
        svm.enableSymbolicStorage(address(nonces));
    }

    /// @dev What was filled is taken, and nothing else is; nobody's epoch or choice of funds changes.
    function check_a_fill_takes_its_nonce_and_no_other(
        bytes32 uid,
        address owner,
        uint256 nonce,
        bool partially,
        address whose,
        uint256 other
    ) external {
        bool before = nonces.taken(whose, other);
        bool deadBefore = nonces.dead(whose, other);
        (uint256 epoch, bool keeps) = (nonces.epochOf(whose), nonces.keepsInVault(whose));
        try nonces.mark(uid, owner, nonce, partially, 100, 100) {}
        catch {
            return;
        }
        assert(nonces.taken(owner, nonce));
        if (whose != owner || other != nonce) assert(nonces.taken(whose, other) == before);
        assert(nonces.dead(whose, other) == deadBefore);
        assert(nonces.epochOf(whose) == epoch && nonces.keepsInVault(whose) == keeps);
    }

    /// @dev Of the intents that share a nonce, at most one is ever filled: all others, whole or partial, are refused.
    function check_alternatives_exclude_each_other(
        bytes32 first,
        bytes32 second,
        address owner,
        uint256 nonce,
        bool firstPartial,
        bool secondPartial,
        uint128 amount
    ) external {
        if (first == second || nonces.filled(second) != 0 || !_tidy(owner, nonce)) return;
        // A started intent took its nonce when it started.
        if (nonces.filled(first) != 0 && !nonces.taken(owner, nonce)) return;
        try nonces.mark(first, owner, nonce, firstPartial, 100, 1) {}
        catch {
            try nonces.mark(first, owner, nonce, firstPartial, 100, 100) {}
            catch {
                return;
            }
        }
        try nonces.mark(second, owner, nonce, secondPartial, amount, amount) {
            assert(false);
        } catch {}
    }

    /// @dev A taken nonce starts no intent.
    function check_a_taken_nonce_starts_nothing(
        bytes32 uid,
        address owner,
        uint256 nonce,
        bool partially,
        uint128 amount,
        uint256 executed
    ) external {
        if (!_tidy(owner, nonce) || !nonces.taken(owner, nonce) || (partially && nonces.filled(uid) != 0)) return;
        try nonces.mark(uid, owner, nonce, partially, amount, executed) {
            assert(false);
        } catch {}
    }

    /// @dev After a cancellation nothing with that nonce is filled, started or not.
    function check_cancelled_never_fills(
        bytes32 uid,
        address owner,
        uint256 nonce,
        bool partially,
        uint128 amount,
        uint256 executed
    ) external {
        vm.prank(owner);
        try nonces.cancel(nonce) {}
        catch {
            return;
        }
        assert(nonces.taken(owner, nonce) && nonces.dead(owner, nonce));
        try nonces.mark(uid, owner, nonce, partially, amount, executed) {
            assert(false);
        } catch {}
    }

    /// @dev A word is cancelled bit by bit: exactly those of the mask, of exactly that word and owner.
    function check_cancelling_a_word_sets_its_mask(
        address owner,
        uint256 word,
        uint256 mask,
        address whose,
        uint256 other
    ) external {
        (uint256 taken, uint256 dead) = (nonces.takenWord(whose, other), nonces.deadWord(whose, other));
        vm.prank(owner);
        try nonces.cancelWord(word, mask) {}
        catch {
            return;
        }
        if (whose == owner && other == word) (taken, dead) = (taken | mask, dead | mask);
        assert(nonces.takenWord(whose, other) == taken && nonces.deadWord(whose, other) == dead);
    }

    /// @dev A new epoch ends everything that was signed before, keeps the choice of funds and touches nobody else.
    function check_a_new_epoch_ends_the_old_one(
        bytes32 uid,
        address owner,
        uint256 nonce,
        bool partially,
        uint128 amount,
        uint256 executed,
        address whose
    ) external {
        (uint256 epoch, bool keeps) = (nonces.epochOf(owner), nonces.keepsInVault(owner));
        (uint256 elsewhere, uint256 word) = (nonces.epochOf(whose), nonces.takenWord(whose, nonce >> 8));
        if (epoch >= 2 ** 62) return; // nobody lives to raise it so often
        vm.prank(owner);
        nonces.raiseEpoch();
        assert(nonces.epochOf(owner) == epoch + 1 && nonces.keepsInVault(owner) == keeps);
        if (whose != owner) assert(nonces.epochOf(whose) == elsewhere && nonces.takenWord(whose, nonce >> 8) == word);
        if (nonce >> 192 > epoch) return;
        assert(nonces.taken(owner, nonce) && nonces.dead(owner, nonce));
        try nonces.mark(uid, owner, nonce, partially, amount, executed) {
            assert(false);
        } catch {}
    }

    /// @dev Choosing where funds are kept changes that choice and no nonce.
    function check_choosing_funds_touches_no_nonce(address owner, bool keep, address whose, uint256 word) external {
        (uint256 epoch, uint256 taken, uint256 dead) =
            (nonces.epochOf(whose), nonces.takenWord(whose, word), nonces.deadWord(whose, word));
        vm.prank(owner);
        nonces.keepInVault(keep);
        assert(nonces.keepsInVault(owner) == keep);
        assert(nonces.epochOf(whose) == epoch && nonces.takenWord(whose, word) == taken);
        assert(nonces.deadWord(whose, word) == dead);
    }

    /// @dev What is filled only grows, by what was executed, and never above what was signed; `whole` is all or nothing.
    function check_filled_grows_up_to_the_amount(
        bytes32 uid,
        address owner,
        uint256 nonce,
        bool partially,
        uint128 amount,
        uint256 executed
    ) external {
        uint256 before = nonces.filled(uid);
        if (before > amount) return;
        try nonces.mark(uid, owner, nonce, partially, amount, executed) {}
        catch {
            return;
        }
        uint256 now_ = nonces.filled(uid);
        if (partially) assert(executed != 0 && now_ == before + executed && now_ <= amount);
        else assert(executed == amount && now_ == before);
    }

    /// @dev Each bit is stored in one place, in every epoch, whatever is called.
    function check_bits_are_stored_in_one_place(
        address owner,
        uint256 nonce,
        uint256 mask,
        bool partially,
        uint8 call,
        address whose,
        uint64 epoch
    ) external {
        if (nonces.stray(whose, epoch) != 0) return;
        if (call == 0) {
            nonces.mark(keccak256("uid"), owner, nonce, partially, 100, 100);
        } else {
            vm.prank(owner);
            if (call == 1) nonces.cancel(nonce);
            else if (call == 2) nonces.cancelWord(nonce, mask);
            else if (call == 3) nonces.raiseEpoch();
            else nonces.keepInVault(partially);
        }
        assert(nonces.stray(whose, epoch) == 0);
    }

    function _tidy(address owner, uint256 nonce) private view returns (bool) {
        return nonces.stray(owner, nonce >> 192) == 0;
    }

    /// @dev Not a law: halmos must find the counterexample, or its other answers mean nothing.
    function check_canary_a_fill_kills_its_nonce(bytes32 uid, address owner, uint256 nonce) external {
        nonces.mark(uid, owner, nonce, false, 100, 100);
        assert(nonces.dead(owner, nonce));
    }
}
