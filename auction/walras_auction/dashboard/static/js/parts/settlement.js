// What the chain did, how long the house took, and how to check all of it.

import { html } from "../dom.js";
import { count, group } from "../numbers.js";
import { Card, Empty, Hash, Solver } from "./common.js";

const LAPS = [
  ["close", "cut the batch"],
  ["invite", "wait for bids"],
  ["check", "check every rule"],
  ["simulate", "try on chain state"],
  ["select", "choose the winners"],
];

export function Settlement({ view, palette }) {
  return html`<${Card} title="Settlement" name="settlement">
    ${view.settlement.length === 0 && html`<${Empty}>No winner, so nothing was sent to the chain.<//>`}
    ${view.settlement.map((bundle) => html`
      <${Bundle} key=${bundle.transaction} bundle=${bundle} view=${view} palette=${palette} />`)}
  <//>`;
}

function Bundle({ bundle, view, palette }) {
  const bids = new Map(view.verdict.bids.map((bid) => [bid.hash, bid]));
  return html`<dl class="pairs">
      <div><dt>transaction</dt><dd><${Hash} value=${bundle.transaction} what="transaction hash" /></dd></div>
      <div><dt>block</dt><dd>${bundle.block ? group(bundle.block) : "not mined"}</dd></div>
      <div><dt>gas</dt><dd>${group(bundle.gasUsed)}</dd></div>
    </dl>
    <ul class="outcomes">${Object.entries(bundle.outcomes).map(([hash, outcome]) => html`<li key=${hash}>
      <${Solver} name=${bids.get(hash)?.solver ?? "?"} palette=${palette} />
      <span class=${`status ${outcome.settled ? "won" : "failed"}`}>${outcome.settled ? "settled" : "failed"}</span>
      <small>solution ${bids.get(hash)?.solution} · ${
        outcome.settled ? count(bids.get(hash)?.fills ?? 0, "fill") : outcome.reason}</small></li>`)}</ul>`;
}

export function Timings({ view }) {
  const laps = LAPS.filter(([name]) => name in view.timingsMs);
  const total = laps.reduce((sum, [name]) => sum + view.timingsMs[name], 0) || 1;
  return html`<${Card} title="Timings" aside=${`${group(total)} ms`} name="timings">
    <div class="laps" aria-hidden="true">${laps.map(([name]) => html`
      <i class=${`lap-${name}`} style=${{ flexGrow: Math.max(1, view.timingsMs[name]) }}></i>`)}</div>
    <dl class="pairs">${laps.map(([name, text]) => html`
      <div><dt><i class=${`key lap-${name}`} aria-hidden="true"></i>${text}</dt>
        <dd>${group(view.timingsMs[name])} ms</dd></div>`)}</dl>
  <//>`;
}

export function Proof({ view }) {
  const address = `/v1/rounds/${view.round}/record`;
  return html`<${Card} title="Check it yourself" name="proof">
    <p>The record holds every input. Replaying it recomputes every number offline, byte for byte.</p>
    <pre tabindex="0" aria-label="Command"><code>walras replay ${location.origin} ${view.round}</code></pre>
    <dl class="pairs">
      <div><dt>record</dt><dd><a href=${address} download=${`round-${view.round}.json`}>download</a></dd></div>
      <div><dt>its hash</dt><dd><${Hash} value=${view.recordHash} what="record hash" /></dd></div></dl>
  <//>`;
}
