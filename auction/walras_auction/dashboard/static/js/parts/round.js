// One round: the timeline to choose it, what happened in a sentence, the competition, and everything that follows.

import { html } from "../dom.js";
import { Bids } from "./bids.js";
import { Empty, useLast } from "./common.js";
import { Fills } from "./fills.js";
import { Headline } from "./headline.js";
import { Prices } from "./prices.js";
import { Proof, Settlement, Timings } from "./settlement.js";
import { Timeline } from "./timeline.js";
import { followed } from "../round.js";
import { Unfilled } from "./unfilled.js";

export function RoundPanel({ house, parts, palette }) {
  const newest = followed(house.state.rounds);
  const chosen = /^\d{1,15}$/.test(parts[0] ?? "") ? Number(parts[0]) : newest;
  const view = useLast(chosen === null ? null : house.view(chosen));
  if (newest === null) return html`<${NoRounds} house=${house} />`;
  return html`
    <${Timeline} house=${house} chosen=${chosen} palette=${palette} />
    ${view ? html`<${Round} house=${house} view=${view} palette=${palette} following=${!parts[0]} />`
      : html`<${Empty}>Fetching the record of round ${chosen}…<//>`}`;
}

function Round({ house, view, palette, following }) {
  const detail = house.detail(view.round);
  const shared = { house, view, detail, palette, tokens: house.tokens };
  return html`
    <${Headline} ...${shared} following=${following} />
    <div class="columns">
      <div class="wide">
        <${Bids} ...${shared} />
        <${Fills} ...${shared} />
      </div>
      <div class="narrow">
        <${Prices} ...${shared} />
        <${Settlement} ...${shared} />
        <${Unfilled} ...${shared} />
        <${Timings} ...${shared} />
        <${Proof} ...${shared} />
      </div>
    </div>`;
}

function NoRounds({ house }) {
  const open = house.state.intents.open ?? 0;
  return html`<div class="card first-round">
    <h2>No round has closed yet</h2>
    <p>${open
      ? `${open} signed ${open === 1 ? "intent waits" : "intents wait"}. The first round appears here by itself.`
      : "As soon as somebody submits a signed intent, solvers compete for it and the round appears here by itself."}</p>
  </div>`;
}
