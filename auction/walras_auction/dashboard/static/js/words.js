// Sentences: reasons in the house's own words, details with symbols instead of addresses, events of the feed.

import { REASONS } from "./reasons.js";
import { count, short } from "./numbers.js";

/** The house's sentence for a reason. */
export function sentence(reason) {
  return REASONS[reason] ?? "";
}

/** "unfair_to_pair" → "unfair to pair" */
export function label(reason) {
  return (reason ?? "").replaceAll("_", " ");
}

/** A detail of the record with symbols for addresses and coins for wei; what is unknown stays as it is. */
export function plain(detail, tokens) {
  return (detail ?? "")
    .replace(/(-?\d+) atoms of (0x[0-9a-f]{40})/g, (_, atoms, token) => tokens.amount(atoms, token))
    .replace(/(0x[0-9a-f]{40})<>(0x[0-9a-f]{40})(?![0-9a-f])/g, (_, one, other) =>
      `${tokens.symbol(one)} ↔ ${tokens.symbol(other)}`)
    .replace(/(0x[0-9a-f]{40})[ >](0x[0-9a-f]{40})(?![0-9a-f])/g, (_, give, want) =>
      `${tokens.symbol(give)} → ${tokens.symbol(want)}`)
    .replace(/0x[0-9a-f]{40}(?![0-9a-f])/g, (address) => tokens.symbol(address))
    .replace(/0x[0-9a-f]{64}/g, (hash) => short(hash))
    .replace(/(gas cost|at most) (\d{6,})$/, (_, before, wei) => `${before} ${tokens.wei(wei)}`)
    .replace(/(-?\d{4,}) wei/g, (_, wei) => tokens.wei(wei))
    .replace(/nonce (0x\S+) (\d+)$/, (_, owner) => `an intent of ${owner}`);
}

/** One event of the feed as a sentence; the uid it is about goes beside it. */
export function told(event, tokens) {
  const data = event.data;
  switch (event.kind) {
    case "accepted":
      return `accepted: gives ${sides(data.gives, tokens)} for ${sides(data.wants, tokens)}`;
    case "refused":
      return `refused, ${label(data.reason)}: ${sentence(data.reason)}`;
    case "round_open":
      return `round ${data.round} closed its batch of ${count(data.intents, "intent")} and asks for bids`;
    case "settling":
      return `round ${data.round} sent its settlement ${short(data.transaction)}`;
    case "round_closed":
      return `round ${data.round} is published: ${count(data.fills.length, "fill")}`;
    case "permit_relayed":
      return `permit for ${tokens.symbol(data.token)} relayed`;
    case "permit_failed":
      return `permit for ${tokens.symbol(data.token)} failed: ${data.detail}`;
    case "cancelled":
      return "cancelled by its owner";
    default:
      return `${label(event.kind)}${data.reason ? `: ${sentence(data.reason)}` : ""}`;
  }
}

/** "1.5 WETH + 3 DAI" of legs with `token` and `amount` */
export function sides(legs, tokens) {
  return legs.map((leg) => tokens.amount(leg.amount, leg.token)).join(" + ");
}
