// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPermit2} from "./interfaces/IPermit2.sol";
import {PERMIT2_CONTRACT, Permitted} from "./Types.sol";

/// @title Taking tokens through Permit2
library Permits {
    /// @dev What follows the stub of Permit2's own type: the witness, then every struct, in the order of their names.
    string internal constant WITNESS_TYPE = "Intent witness)"
        "Intent(address owner,address receiver,Leg[] gives,Leg[] wants,string kind,string fill,uint256 minFill,"
        "uint48 validFrom,uint48 decayTo,uint48 validTo,uint256 nonce,bytes32 terms)"
        "Leg(address token,uint256 start,uint256 end)TokenPermissions(address token,uint256 amount)";

    /// @notice Takes every token of `p` from its owner and sends it to `to`. Permit2 checks the signature, the amounts, the
    ///         nonce and the deadline.
    function take(Permitted calldata p, address to) internal {
        if (p.tokens.length == 1) _takeOne(p, to);
        else _takeSeveral(p, to);
    }

    function _takeOne(Permitted calldata p, address to) private {
        IPermit2(PERMIT2_CONTRACT)
            .permitWitnessTransferFrom(
                IPermit2.PermitTransferFrom(
                    IPermit2.TokenPermissions(p.tokens[0].token, p.tokens[0].maximum), p.nonce, p.deadline
                ),
                IPermit2.SignatureTransferDetails(to, p.tokens[0].amount),
                p.owner,
                p.witness,
                WITNESS_TYPE,
                p.signature
            );
    }

    function _takeSeveral(Permitted calldata p, address to) private {
        uint256 count = p.tokens.length;
        IPermit2.PermitBatchTransferFrom memory permit;
        (permit.nonce, permit.deadline) = (p.nonce, p.deadline);
        permit.permitted = new IPermit2.TokenPermissions[](count);
        IPermit2.SignatureTransferDetails[] memory details = new IPermit2.SignatureTransferDetails[](count);
        for (uint256 i; i < count; ++i) {
            permit.permitted[i] = IPermit2.TokenPermissions(p.tokens[i].token, p.tokens[i].maximum);
            details[i] = IPermit2.SignatureTransferDetails(to, p.tokens[i].amount);
        }
        IPermit2(PERMIT2_CONTRACT)
            .permitWitnessTransferFrom(permit, details, p.owner, p.witness, WITNESS_TYPE, p.signature);
    }
}
