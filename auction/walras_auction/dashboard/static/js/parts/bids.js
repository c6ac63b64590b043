// The competition: every bid of the round with its score as a bar, and why it did not win.

import { html } from "../dom.js";
import { count, share } from "../numbers.js";
import { contests, solversOf, topScore } from "../round.js";
import { Card, Empty, Solver, Why, useMore } from "./common.js";

const FIRST = 20;
const STATUS = { won: "won", lost: "lost", refused: "refused", failed: "did not settle" };

export function Bids({ view, palette, tokens }) {
  const rows = contests(view);
  const [shown, more] = useMore(rows, FIRST);
  const top = topScore(view);
  const solvers = solversOf(view.verdict.bids).length;
  const aside = rows.length > 0 && `${count(rows.length, "bid")} by ${count(solvers, "solver")}`;
  return html`<${Card} title="Bids" aside=${aside} name="bids">
    ${rows.length === 0 && html`<${Empty}>No solver sent a bid.<//>`}
    <ol class="bid-list">${shown.map((row) => html`
      <${Bid} key=${row.bid.hash} row=${row} top=${top} palette=${palette} tokens=${tokens} />`)}</ol>
    ${more}
    <${Rewards} rewards=${view.verdict.rewards} palette=${palette} tokens=${tokens} />
    <${Failures} failures=${view.failures} palette=${palette} tokens=${tokens} />
  <//>`;
}

function Bid({ row, top, palette, tokens }) {
  const { bid, against, first } = row;
  const score = BigInt(bid.score);
  return html`<li class=${`bid ${bid.status} ${first ? "first" : ""} ${palette.of(bid.solver)}`}>
    <span class="who"><${Solver} name=${bid.solver} palette=${palette} />
      <small>solution ${bid.solution} · ${count(bid.fills, "fill")}${bid.interactions > 0 &&
        ` · ${count(bid.interactions, "swap")}`}</small></span>
    <${Bar} score=${score} against=${against} top=${top} />
    <span class="score" title=${`${bid.score} wei`}>${score > 0n ? tokens.wei(score) : "no score"}</span>
    <span class=${`status ${bid.status}`}>${STATUS[bid.status] ?? bid.status}</span>
    ${bid.reason && html`<p><${Why} reason=${bid.reason} detail=${bid.detail} tokens=${tokens} /></p>`}
  </li>`;
}

/** The score's length, and a mark at what the winners in its way scored together. */
function Bar({ score, against, top }) {
  const mark = against.reduce((sum, winner) => sum + BigInt(winner.score), 0n);
  return html`<span class="bar" aria-hidden="true"><i style=${{ width: `${share(score, top)}%` }}></i>
    ${mark > 0n && html`<b style=${{ left: `${share(mark, top)}%` }}></b>`}</span>`;
}

/** What winning solvers earn. */
function Rewards({ rewards, palette, tokens }) {
  const rows = Object.entries(rewards).filter(([, amount]) => BigInt(amount) > 0n);
  if (rows.length === 0) return null;
  return html`<h3>Rewards</h3>
    <ul class="rewards">${rows.map(([name, amount]) => html`<li key=${name}>
      <${Solver} name=${name} palette=${palette} /> <b>${tokens.wei(amount)}</b></li>`)}</ul>
    <p class="note">What the round would have been worth less without that solver; all rewards together stay within the fees.</p>`;
}

/** Solvers whose whole answer could not be used. */
function Failures({ failures, palette, tokens }) {
  if (failures.length === 0) return null;
  return html`<h3>No usable answer</h3>
    <ul class="failures">${failures.map((failure) => html`<li>
      <${Solver} name=${failure.solver} palette=${palette} />
      <p><${Why} reason=${failure.reason} detail=${failure.detail} tokens=${tokens} /></p></li>`)}</ul>`;
}
