// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The least of an ERC-20, to be made worse.
abstract contract PlainToken {
    mapping(address => uint256) internal _balances;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        _balances[to] += amount;
    }

    function balanceOf(address who) public view virtual returns (uint256) {
        return _balances[who];
    }

    function approve(address spender, uint256 amount) public virtual returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function _spend(address from, uint256 amount) internal {
        allowance[from][msg.sender] -= amount;
    }

    function _move(address from, address to, uint256 amount) internal virtual {
        _balances[from] -= amount;
        _balances[to] += amount;
    }
}

/// @dev With the transfers that most of them have.
abstract contract MovingToken is PlainToken {
    function transfer(address to, uint256 amount) public virtual returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) public virtual returns (bool) {
        _spend(from, amount);
        _move(from, to, amount);
        return true;
    }
}

/// @dev Keeps one percent of every transfer, and swallows calls that it does not know.
contract FeeToken is MovingToken {
    function _move(address from, address to, uint256 amount) internal override {
        _balances[from] -= amount;
        _balances[to] += amount - amount / 100;
    }

    fallback() external {}
}

/// @dev Returns nothing from transfers, and insists that allowances are reset before they are set.
contract SilentToken is MovingToken {
    function approve(address spender, uint256 amount) public override returns (bool) {
        require(amount == 0 || allowance[msg.sender][spender] == 0, "reset first");
        super.approve(spender, amount);
        _silence();
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        _silence();
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        super.transferFrom(from, to, amount);
        _silence();
    }

    function _silence() private pure {
        assembly {
            return(0, 0)
        }
    }
}

/// @dev Says false instead of reverting when told to.
contract FalseToken is MovingToken {
    address public failsFor;

    function fail(address payer) external {
        failsFor = payer;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return msg.sender != failsFor && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return from != failsFor && super.transferFrom(from, to, amount);
    }
}

/// @dev Burns all gas it is given.
contract BurningToken {
    fallback() external {
        while (true) {}
    }
}

/// @dev Moves as asked, but answers with what it is told to: any bytes, returned or thrown.
contract AnsweringToken is MovingToken {
    bytes private _answer;
    bool private _throws;

    function answer(bytes calldata data, bool throws) external {
        (_answer, _throws) = (data, throws);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        _say();
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        super.transferFrom(from, to, amount);
        _say();
    }

    function _say() private view {
        (bytes memory data, bool throws) = (_answer, _throws);
        assembly {
            if throws { revert(add(data, 0x20), mload(data)) }
            return(add(data, 0x20), mload(data))
        }
    }
}

/// @dev Returns, or throws, as much as its gas allows.
contract HugeToken is MovingToken {
    bool private immutable throws;

    constructor(bool throws_) {
        throws = throws_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        _say();
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        super.transferFrom(from, to, amount);
        _say();
    }

    function _say() private view {
        bool throws_ = throws;
        assembly {
            mstore(0, 1)
            if throws_ { revert(0, 300000) }
            return(0, 300000)
        }
    }
}

/// @dev Nobody on its list sends or receives.
contract BlocklistToken is MovingToken {
    mapping(address => bool) public blocked;

    function blockAccount(address who) external {
        blocked[who] = true;
    }

    function _move(address from, address to, uint256 amount) internal override {
        require(!blocked[from] && !blocked[to], "blocked");
        super._move(from, to, amount);
    }
}

/// @dev Its owner can change what an atom is: every balance shrinks or grows by a power of ten at once.
contract RescaledToken is MovingToken {
    uint256 public decimals = 18;

    function rescale(uint256 decimals_) external {
        decimals = decimals_;
    }

    function balanceOf(address who) public view override returns (uint256) {
        return _balances[who] * 10 ** decimals / 1e18;
    }

    function _move(address from, address to, uint256 amount) internal override {
        super._move(from, to, amount * 1e18 / 10 ** decimals);
    }
}

/// @dev Says that everyone has a fortune, or that one account has nothing.
contract LyingToken is MovingToken {
    uint256 private _lie;

    function lie(uint256 balance) external {
        _lie = balance;
    }

    function balanceOf(address who) public view override returns (uint256) {
        return _lie == 0 ? _balances[who] : _lie;
    }
}

/// @dev Makes one call of its owner's choice in the middle of every call that may change something.
contract HookToken is MovingToken {
    address public target;
    bytes public data;
    uint256 public called;
    bool public succeeded;
    bytes public returned;

    function arm(address target_, bytes calldata data_) external {
        (target, data, succeeded, called) = (target_, data_, false, 0);
    }

    function act(address to, bytes calldata call) external returns (bytes memory) {
        (bool ok, bytes memory result) = to.call(call);
        require(ok, string(result));
        return result;
    }

    function approve(address spender, uint256 amount) public override returns (bool) {
        _hook();
        return super.approve(spender, amount);
    }

    function permit(address from, address spender, uint256 amount, uint256, uint8, bytes32, bytes32) external {
        _hook();
        allowance[from][spender] = amount;
    }

    /// @dev As the target of a trader's hook.
    function poke() external {
        _hook();
    }

    function _move(address from, address to, uint256 amount) internal override {
        _hook();
        super._move(from, to, amount);
    }

    function _hook() private {
        address to = target;
        if (to == address(0)) return;
        // One call a call: what it calls may call back.
        target = address(0);
        (bool ok, bytes memory result) = to.call(data);
        (target, called, succeeded, returned) = (to, called + 1, succeeded || ok, result);
    }
}

/// @dev Tells sender and receiver of every movement, before and after it, as ERC-777 does.
contract CallbackToken is MovingToken {
    function _move(address from, address to, uint256 amount) internal override {
        _tell(from, abi.encodeWithSignature("tokensToSend(address,address,uint256)", from, to, amount));
        super._move(from, to, amount);
        _tell(to, abi.encodeWithSignature("tokensReceived(address,address,uint256)", from, to, amount));
    }

    function _tell(address who, bytes memory data) private {
        if (who.code.length == 0) return;
        (bool ok,) = who.call(data);
        // Those who do not listen are left alone.
        ok;
    }
}
