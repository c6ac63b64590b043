// A round as the page shows it: from the feed's view or from the published record. Pure.

/** The view of a record, the same as the feed sends (`publish.round_view`). */
export function viewOf(record, recordHash) {
  const batch = record.inputs.batch;
  const unfilled = {};
  for (const row of record.result.unfilled) unfilled[row.reason] = (unfilled[row.reason] ?? 0) + 1;
  return {
    round: batch.round,
    time: batch.time,
    block: batch.block,
    market: record.market ?? record.inputs.market,
    intents: batch.intents.length,
    pools: batch.pools.length,
    verdict: record.verdict,
    failures: record.inputs.failures,
    timingsMs: record.inputs.timingsMs,
    prices: pricesOf(record),
    fills: record.result.fills,
    unfilled,
    settlement: record.settlement,
    recordHash,
  };
}

/** Price vectors of the winners by bid hash. Raw bids and verdicts both stand in the order of their hashes. */
function pricesOf(record) {
  const raw = record.inputs.bids.filter((bid, place, bids) => place === 0 || !same(bid, bids[place - 1]));
  const chosen = new Set(record.verdict.winners);
  const prices = {};
  record.verdict.bids.forEach((row, place) => {
    if (chosen.has(row.hash)) prices[row.hash] = raw[place].solution.prices;
  });
  return prices;
}

/** A solution that a solver sent twice counts once. */
function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What only the record holds: the batch's intents by uid, and why each unfilled one is unfilled. */
export function detailOf(record) {
  return {
    intents: new Map(record.inputs.batch.intents.map((entry) => [entry.uid, entry.intent])),
    unfilled: record.result.unfilled,
    pairs: busiest(record.inputs.batch),
  };
}

/** Token pairs of the batch with the number of intents in either direction, busiest first. */
function busiest(batch) {
  const counts = new Map();
  for (const { intent } of batch.intents) {
    if (intent.gives.length > 1 || intent.wants.length > 1) continue;
    const key = [intent.gives[0].token, intent.wants[0].token].sort().join(">");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort((one, other) => other[1] - one[1]).map(([key, number]) => ({ pair: key.split(">"), number }));
}

/** The round in a line, as the timeline has it. */
export function lineOf(view) {
  return {
    id: view.round,
    time: view.settlement[0]?.time || view.time,
    intents: view.intents,
    bids: view.verdict.bids.length,
    winners: [...new Set(won(view).map((bid) => bid.solver))].sort(),
    score: view.verdict.total,
    fills: view.fills.length,
    transaction: view.settlement[0]?.transaction ?? null,
    recordHash: view.recordHash,
  };
}

export function winners(view) {
  const chosen = new Set(view.verdict.winners);
  return view.verdict.bids.filter((bid) => chosen.has(bid.hash));
}

/** Winners that settled. */
export function won(view) {
  return view.verdict.bids.filter((bid) => bid.status === "won");
}

const ORDER = { won: 0, failed: 1, lost: 2, refused: 3 };

/** All bids: winners first, then those that lost, then those refused; by score within each. */
export function ranked(view) {
  return [...view.verdict.bids].sort(
    (one, other) => ORDER[one.status] - ORDER[other.status] || compare(BigInt(other.score), BigInt(one.score)));
}

function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The greatest score of any bid, for the length of the bars. */
export function topScore(view) {
  return view.verdict.bids.reduce((top, bid) => (BigInt(bid.score) > top ? BigInt(bid.score) : top), 0n);
}

/**
 * The bids as contests: each winner, then those that lost to it (they wanted a pair that it holds), then all others.
 * A row is {bid, against, first}: `against` the winners in the way of a lost bid, `first` whether a contest begins.
 */
export function contests(view) {
  const order = ranked(view);
  const chosen = winners(view).sort((one, other) => compare(BigInt(other.score), BigInt(one.score)));
  const inTheWay = (bid) => (chosen.includes(bid) ? [] : chosen.filter((winner) => meet(bid, winner)));
  const rows = order.map((bid) => ({ bid, against: inTheWay(bid) }));
  const grouped = chosen.flatMap((winner) => [
    { ...rows.find((row) => row.bid === winner), first: true },
    ...rows.filter((row) => row.against[0] === winner),
  ]);
  const others = rows.filter((row) => row.against.length === 0 && !chosen.includes(row.bid));
  return [...grouped, ...others.map((row, place) => ({ ...row, first: place === 0 && chosen.length > 0 }))];
}

/** Whether two bids trade a directed pair in common. */
function meet(one, other) {
  return Object.keys(one.pairs ?? {}).some((pair) => pair in (other.pairs ?? {}));
}

/** The lost bid that came closest to the winners in its way, as {bid, against, score}; or null. */
export function runnerUp(view) {
  let best = null;
  for (const { bid, against } of contests(view)) {
    if (bid.status !== "lost" || bid.reason === "unfair_to_pair" || against.length === 0) continue;
    const score = against.reduce((sum, winner) => sum + BigInt(winner.score), 0n);
    const closer = best === null || BigInt(bid.score) * best.score > BigInt(best.bid.score) * score;
    if (closer) best = { bid, against, score };
  }
  return best;
}

/** The round to show when none is chosen: the newest that drew a bid, since an empty one ends every market. */
export function followed(rounds) {
  return (rounds.find((line) => line.bids > 0) ?? rounds[0])?.id ?? null;
}

/** The solvers of some bids, each once. */
export function solversOf(bids) {
  return [...new Set(bids.map((bid) => bid.solver))];
}

/** Gas of all settlement transactions. */
export function gasUsed(view) {
  return view.settlement.reduce((sum, bundle) => sum + bundle.gasUsed, 0);
}

/**
 * Clearing prices: a row a winner and traded pair, both directions as one. The token of more value comes
 * first, so that a price reads "3,012 USDC per WETH". Those that traders gained most with come first.
 */
export function clearing(view, tokens) {
  const rows = [];
  for (const bid of winners(view)) {
    const prices = view.prices[bid.hash];
    const seen = new Map();
    for (const [key, score] of Object.entries(bid.pairs ?? {})) {
      const [gives, wants] = key.split(">").map((side) => side.split("+"));
      for (const give of gives) {
        for (const want of wants) note(seen, give, want, BigInt(score));
      }
    }
    for (const entry of seen.values()) rows.push({ bid, ...oriented(entry, prices ?? {}, tokens) });
  }
  return rows.sort((one, other) => compare(other.score, one.score));
}

function note(seen, give, want, score) {
  const key = [give, want].sort().join(">");
  const entry = seen.get(key) ?? { give, want, score: 0n };
  seen.set(key, { ...entry, score: entry.score + score });
}

function oriented({ give, want, score }, prices, tokens) {
  const rate = tokens.rate(prices, give, want);
  if (rate && rate[0] < rate[1]) return oriented({ give: want, want: give, score }, prices, tokens);
  return { give, want, score, rate, reference: tokens.reference(give, want) };
}
