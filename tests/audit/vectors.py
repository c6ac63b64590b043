"""EIP-712 digests of random messages by independent encoders, and the file that keeps them.

    python -m tests.audit.vectors            compute all again, with every encoder, and compare with the files
    python -m tests.audit.vectors --write    write the files

Encoders: eth_account, viem and ethers (node), this project's Python and, for intents, the Solidity of `Settlement`,
run on the chain id and at the address that the file names. All numbers in the files are decimal strings.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_account.messages import encode_typed_data
from walras import permit2
from walras.digest import Domain, intent_digest, keccak, typed_data
from walras.intent import FillRule, Intent, Kind, Leg
from walras_auction.infra.chain.encoding import selector
from walras_contracts import load

from .evm import Evm
from .intents import SEED, address, any_intent

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "vectors" / "eip712"
NODE_FOLDER = ROOT / "contracts" / "audit" / "vectors"
DOMAINS = (
    Domain(1, "0x5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"),
    Domain(8453, "0x00000000000000000000000000000000000000ff"),
    Domain(2**53 + 1, "0xffffffffffffffffffffffffffffffffffffffff"),
)
_LEG_ABI = "(address,uint256,uint256)"
#: An intent as the contracts' ABI spells it.
INTENT_ABI = f"(address,address,{_LEG_ABI}[],{_LEG_ABI}[],uint8,uint8,uint256,uint48,uint48,uint48,uint256,bytes32)"

Vector = dict[str, Any]


def intents(count: int = 200) -> list[tuple[Intent, Domain]]:
    """The intents of the file, each in one of three domains."""
    draw = random.Random(SEED)
    return [(any_intent(draw), DOMAINS[index % len(DOMAINS)]) for index in range(count)]


def witnesses(count: int = 20) -> list[tuple[Intent, int, str]]:
    """Intents that a Permit2 signature carries as its witness, with chain id and vault."""
    draw = random.Random(SEED + 1)
    chains = [domain.chain_id for domain in DOMAINS]
    return [(any_intent(draw), chains[index % len(chains)], address(draw)) for index in range(count)]


def intent_of(message: dict[str, Any]) -> Intent:
    """The intent that a vector's message spells out."""
    return Intent(
        owner=message["owner"],
        receiver=message["receiver"],
        gives=legs_of(message["gives"]),
        wants=legs_of(message["wants"]),
        kind=Kind(message["kind"]),
        fill=FillRule(message["fill"]),
        min_fill=int(message["minFill"]),
        valid_from=int(message["validFrom"]),
        decay_to=int(message["decayTo"]),
        valid_to=int(message["validTo"]),
        nonce=int(message["nonce"]),
        terms=message["terms"],
    )


def legs_of(rows: list[dict[str, str]]) -> tuple[Leg, ...]:
    return tuple(Leg(row["token"], int(row["start"]), int(row["end"])) for row in rows)


def document(vector: Vector) -> dict[str, Any]:
    """The typed document of an intent vector, as wallets take it."""
    return typed_data(intent_of(vector["message"]), _domain(vector))


def permit2_document(vector: Vector) -> dict[str, Any]:
    """The typed document of a Permit2 vector, spelled out here from Permit2's own types."""
    message = vector["message"]
    intent = intent_of(message)
    types = typed_data(intent, DOMAINS[0])["types"]
    batch = len(intent.gives) > 1
    name = "PermitBatchWitnessTransferFrom" if batch else "PermitWitnessTransferFrom"
    permitted = [{"token": leg.token, "amount": str(leg.end)} for leg in intent.gives]
    outer = [
        ("permitted", "TokenPermissions[]" if batch else "TokenPermissions"),
        ("spender", "address"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
        ("witness", "Intent"),
    ]
    return {
        "types": {
            "EIP712Domain": [one for one in types["EIP712Domain"] if one["name"] != "version"],
            name: [{"name": field, "type": kind} for field, kind in outer],
            "TokenPermissions": [{"name": "token", "type": "address"}, {"name": "amount", "type": "uint256"}],
            "Intent": types["Intent"],
            "Leg": types["Leg"],
        },
        "primaryType": name,
        "domain": {
            "name": "Permit2",
            "chainId": int(vector["chainId"]),
            "verifyingContract": "0x000000000022d473030f116ddee9f6b43ac78ba3",
        },
        "message": {
            "permitted": permitted if batch else permitted[0],
            "spender": vector["vault"],
            "nonce": message["nonce"],
            "deadline": message["validTo"],
            "witness": message,
        },
    }


def _domain(vector: Vector) -> Domain:
    return Domain(int(vector["chainId"]), vector["settlement"])


# -- the encoders: vectors -> digests


def by_eth_account(documents: Sequence[dict[str, Any]]) -> list[str]:
    return ["0x" + _signable(one).hex() for one in documents]


def _signable(one: dict[str, Any]) -> bytes:
    message = encode_typed_data(full_message=one)
    return keccak(b"\x19" + message.version + message.header + message.body)


def by_python(vectors: Sequence[Vector]) -> list[str]:
    return ["0x" + intent_digest(intent_of(one["message"]), _domain(one)).hex() for one in vectors]


def by_python_permit2(vectors: Sequence[Vector]) -> list[str]:
    return [_permit2_digest(one) for one in vectors]


def _permit2_digest(vector: Vector) -> str:
    digest = permit2.permit2_digest(intent_of(vector["message"]), int(vector["chainId"]), vector["vault"])
    return "0x" + digest.hex()


def by_solidity(vectors: Sequence[Vector]) -> list[str]:
    """`Settlement.intentDigest`, at each vector's own chain id and address."""
    code, call = load("Settlement").runtime, selector(f"intentDigest({INTENT_ABI})")
    chains = {one["chainId"]: Evm(int(one["chainId"])) for one in vectors}
    return [
        "0x"
        + chains[one["chainId"]]
        .call(one["settlement"], code, call + encode([INTENT_ABI], [abi_words(intent_of(one["message"]))]))
        .hex()
        for one in vectors
    ]


def abi_words(intent: Intent) -> tuple[Any, ...]:
    """The intent as the contracts' ABI takes it."""
    sides = [[(leg.token, leg.start, leg.end) for leg in side] for side in (intent.gives, intent.wants)]
    kinds = int(intent.kind is Kind.BUY), int(intent.fill is FillRule.PARTIAL)
    times = intent.valid_from, intent.decay_to, intent.valid_to
    terms = bytes.fromhex(intent.terms[2:])
    return (intent.owner, intent.receiver, *sides, *kinds, intent.min_fill, *times, intent.nonce, terms)


def by_node(library: str, documents: Sequence[dict[str, Any]]) -> list[str]:
    """viem's or ethers' digests. JSON has no large integers in JavaScript: chain ids travel as strings."""
    as_strings = [{**one, "domain": {**one["domain"], "chainId": str(one["domain"]["chainId"])}} for one in documents]
    node = os.environ.get("NODE") or shutil.which("node")
    if not node or not (NODE_FOLDER / "node_modules").is_dir():
        sys.exit(f"viem and ethers are missing; type: npm ci --ignore-scripts --prefix {NODE_FOLDER.relative_to(ROOT)}")
    done = subprocess.run(
        [node, "digests.mjs", library],
        cwd=NODE_FOLDER,
        input=json.dumps(as_strings),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: list[str] = json.loads(done.stdout)
    return answer


# -- the files


def intent_vectors() -> list[Vector]:
    """The intents of the file without their digests."""
    return [
        {
            "chainId": str(domain.chain_id),
            "settlement": domain.settlement,
            "message": typed_data(intent, domain)["message"],
        }
        for intent, domain in intents()
    ]


def permit2_vectors() -> list[Vector]:
    return [
        {"chainId": str(chain), "vault": vault, "message": typed_data(intent, DOMAINS[0])["message"]}
        for intent, chain, vault in witnesses()
    ]


def encoders(name: str, *, node: bool) -> Iterator[tuple[str, Callable[[list[Vector]], list[str]]]]:
    """Every independent way to the digests of one file; those that need node only if asked for."""
    make = document if name == "intents200" else permit2_document
    yield "eth_account", lambda vectors: by_eth_account([make(one) for one in vectors])
    if name == "intents200":
        yield "walras", by_python
        yield "solidity", by_solidity
    else:
        yield "walras", by_python_permit2
    if node:
        yield "viem", lambda vectors: by_node("viem", [make(one) for one in vectors])
        yield "ethers", lambda vectors: by_node("ethers", [make(one) for one in vectors])


FILES: dict[str, Callable[[], list[Vector]]] = {"intents200": intent_vectors, "permit2witness20": permit2_vectors}


def read(name: str) -> list[Vector]:
    vectors: list[Vector] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["vectors"]
    return vectors


def write(name: str) -> None:
    """One vector a line; the digest is eth_account's, and nothing is written on which the others disagree."""
    vectors = FILES[name]()
    answers = {label: digests(vectors) for label, digests in encoders(name, node=True)}
    if len({tuple(one) for one in answers.values()}) != 1:
        sys.exit(f"{name}: the encoders disagree")
    full = [{**one, "digest": digest} for one, digest in zip(vectors, answers["eth_account"], strict=True)]
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in full)
    about = f"EIP-712 digests on which {', '.join(answers)} agree. Numbers are decimal strings."
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = f'{{"about":{json.dumps(about)},\n"vectors":[\n{lines}\n]}}\n'
    (FOLDER / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")


def problems(name: str, *, node: bool) -> list[str]:
    """What is wrong with the committed file, in words."""
    committed, fresh = read(name), FILES[name]()
    found = []
    if [{key: one[key] for key in one if key != "digest"} for one in committed] != fresh:
        found.append(f"{name}: the file does not hold the seed's messages; write it again")
    for label, digests in encoders(name, node=node):
        wrong = [i for i, (a, b) in enumerate(zip(digests(committed), committed, strict=True)) if a != b["digest"]]
        found += [f"{name}: {label} disagrees on vectors {wrong[:5]}"] * bool(wrong)
    return found


def main() -> int:
    if "--write" in sys.argv:
        for name in FILES:
            write(name)
        return 0
    found = [problem for name in FILES for problem in problems(name, node="--no-node" not in sys.argv)]
    print("\n".join(found) or f"vectors={sum(len(read(name)) for name in FILES)} encoders=5")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
