// The competition: every bid of the round with its score as a bar, and why it did not win.

import { html } from "../dom.js";
import { count, share } from "../numbers.js";
import { ranked, topScore } from "../round.js";
import { Card, Empty, Solver, Why, useMore } from "./common.js";

const FIRST = 12;
const STATUS = { won: "won", lost: "lost", refused: "refused", failed: "did not settle" };

export function Bids({ view, palette, tokens }) {
  const rows = ranked(view);
  const [shown, more] = useMore(rows, FIRST);
  const top = topScore(view);
  const solvers = new Set(rows.map((bid) => bid.solver)).size;
  const aside = rows.length > 0 && `${count(rows.length, "bid")} by ${count(solvers, "solver")}`;
  return html`<${Card} title="Bids" aside=${aside} name="bids">
    ${rows.length === 0 && html`<${Empty}>No solver sent a bid.<//>`}
    <ol class="bid-list">${shown.map((bid) => html`
      <${Bid} key=${bid.hash} bid=${bid} top=${top} palette=${palette} tokens=${tokens} rewards=${view.verdict.rewards} />`)}</ol>
    ${more}
    <${Failures} failures=${view.failures} palette=${palette} tokens=${tokens} />
  <//>`;
}

function Bid({ bid, top, palette, tokens, rewards }) {
  const score = BigInt(bid.score);
  const reward = bid.status === "won" && BigInt(rewards[bid.solver] ?? 0) > 0n;
  return html`<li class=${`bid ${bid.status} ${palette.of(bid.solver)}`}>
    <span class="who"><${Solver} name=${bid.solver} palette=${palette} />
      <small>solution ${bid.solution} · ${count(bid.fills, "fill")}${bid.interactions > 0 &&
        ` · ${count(bid.interactions, "swap")}`}</small></span>
    <span class="bar" aria-hidden="true"><i style=${{ width: `${share(score, top)}%` }}></i></span>
    <span class="score" title=${`${bid.score} wei`}>${score > 0n ? tokens.wei(score) : "no score"}</span>
    <span class=${`status ${bid.status}`}>${STATUS[bid.status] ?? bid.status}</span>
    ${bid.reason && html`<p><${Why} reason=${bid.reason} detail=${bid.detail} tokens=${tokens} /></p>`}
    ${reward && html`<p>Reward ${tokens.wei(rewards[bid.solver])}: what the round would have been worth less without
      this solver, capped by the fees.</p>`}
  </li>`;
}

/** Solvers whose whole answer could not be used. */
function Failures({ failures, palette, tokens }) {
  if (failures.length === 0) return null;
  return html`<h3>No usable answer</h3>
    <ul class="failures">${failures.map((failure) => html`<li>
      <${Solver} name=${failure.solver} palette=${palette} />
      <p><${Why} reason=${failure.reason} detail=${failure.detail} tokens=${tokens} /></p></li>`)}</ul>`;
}
