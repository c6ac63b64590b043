// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The least of an ERC-20, to be made worse.
abstract contract PlainToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external virtual returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function _spend(address from, uint256 amount) internal {
        allowance[from][msg.sender] -= amount;
    }

    function _move(address from, address to, uint256 amount) internal virtual {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @dev Keeps one percent of every transfer, and swallows calls that it does not know.
contract FeeToken is PlainToken {
    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spend(from, amount);
        _move(from, to, amount);
        return true;
    }

    function _move(address from, address to, uint256 amount) internal override {
        balanceOf[from] -= amount;
        balanceOf[to] += amount - amount / 100;
    }

    fallback() external {}
}

/// @dev Returns nothing from transfers, and insists that allowances are reset before they are set.
contract SilentToken is PlainToken {
    function approve(address spender, uint256 amount) external override returns (bool) {
        require(amount == 0 || allowance[msg.sender][spender] == 0, "reset first");
        allowance[msg.sender][spender] = amount;
        assembly {
            return(0, 0)
        }
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        _spend(from, amount);
        _move(from, to, amount);
    }
}

/// @dev Says false instead of reverting when told to.
contract FalseToken is PlainToken {
    bool public failing;
    address public failsFor;

    function fail(address payer) external {
        failsFor = payer;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        if (msg.sender == failsFor) return false;
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        if (from == failsFor) return false;
        _spend(from, amount);
        _move(from, to, amount);
        return true;
    }
}

/// @dev Burns all gas it is given, or returns more than anyone wants to copy.
contract BurningToken {
    fallback() external {
        while (true) {}
    }
}

/// @dev Makes one call of the owner's choice in the middle of every transfer.
contract HookToken is PlainToken {
    address public target;
    bytes public data;
    bool public succeeded;
    bytes public returned;

    function arm(address target_, bytes calldata data_) external {
        (target, data, succeeded) = (target_, data_, false);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _hook();
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spend(from, amount);
        _hook();
        _move(from, to, amount);
        return true;
    }

    function _hook() private {
        if (target == address(0)) return;
        (bool ok, bytes memory result) = target.call(data);
        if (ok) succeeded = true;
        returned = result;
    }
}
