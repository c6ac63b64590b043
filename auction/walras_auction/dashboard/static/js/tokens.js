// What the house knows about tokens, and amounts in their words.

import { coins, ratio, short, tokens } from "./numbers.js";

const NATIVE = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";

/** The tokens of a house: symbols, decimals, reference prices; and how to write amounts with them. */
export class Tokens {
  constructor(house) {
    this.known = new Map(house.tokens.map((token) => [token.address, token]));
    this.wrapped = house.wrappedNative;
    const symbol = this.known.get(this.wrapped)?.symbol ?? "";
    this.native = /^W[A-Z]/.test(symbol) ? symbol.slice(1) : symbol || "coins";
    this.known.set(NATIVE, { ...this.known.get(this.wrapped), address: NATIVE, symbol: this.native, decimals: 18 });
  }

  get(address) {
    return this.known.get(address) ?? null;
  }

  /** Those that people can choose from, in the order of the house. */
  list() {
    return [...this.known.values()].filter((token) => token.address !== NATIVE);
  }

  symbol(address) {
    return this.get(address)?.symbol ?? short(address);
  }

  amount(atoms, address, significant = 6) {
    const token = this.get(address);
    if (!token) return `${atoms} atoms of ${short(address)}`;
    return `${tokens(atoms, token.decimals, significant)} ${token.symbol}`;
  }

  wei(amount, significant = 4) {
    return coins(amount, this.native, significant);
  }

  /** "3.2 ETH against 4.1 ETH", with as many digits as it takes to tell the two apart. */
  compared(one, other) {
    if (BigInt(one) === BigInt(other)) return `the same ${this.wei(one)}; ties go by hash`;
    let digits = 4;
    while (this.wei(one, digits) === this.wei(other, digits)) digits += 1;
    return `${this.wei(one, digits)} against ${this.wei(other, digits)}`;
  }

  /** `want` tokens per `give` token, as a fraction of BigInts in whole tokens, from one price an atom each. */
  rate(prices, give, want) {
    const [sold, bought] = [this.get(give), this.get(want)];
    const [price, per] = [BigInt(prices[give] ?? 0), BigInt(prices[want] ?? 0)];
    if (price === 0n || per === 0n) return null;
    return [price * 10n ** BigInt(sold?.decimals ?? 0), per * 10n ** BigInt(bought?.decimals ?? 0)];
  }

  /** The rate of the reference prices, null if a token has none. */
  reference(give, want) {
    const prices = {};
    for (const token of [give, want]) prices[token] = this.get(token)?.price ?? 0;
    return this.rate(prices, give, want);
  }

  rateText(fraction, significant = 6) {
    return fraction ? ratio(fraction[0], fraction[1], significant) : "–";
  }
}
