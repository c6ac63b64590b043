// EIP-712 digests of typed documents: node digests.mjs viem|ethers < documents.json > digests.json
// Numbers in the documents are decimal strings, so that none loses its last digits on the way.
import { readFileSync } from "node:fs";
import { TypedDataEncoder } from "ethers";
import { hashTypedData } from "viem";

const withoutDomain = ({ EIP712Domain, ...types }) => types;

const libraries = {
  viem: ({ types, primaryType, domain, message }) =>
    hashTypedData({ types, primaryType, domain: { ...domain, chainId: BigInt(domain.chainId) }, message }),
  ethers: ({ types, domain, message }) => TypedDataEncoder.hash(domain, withoutDomain(types), message),
};

const digest = libraries[process.argv[2]];
if (!digest) {
  console.error("digests.mjs: name a library: viem or ethers");
  process.exit(1);
}
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(digest)));
