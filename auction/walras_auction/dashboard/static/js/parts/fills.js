// What was traded, intent by intent.

import { html } from "../dom.js";
import { solversOf, winners } from "../round.js";
import { Card, Empty, Solver, Uid, useMore } from "./common.js";

const FIRST = 10;

export function Fills({ view, detail, tokens, palette }) {
  const rows = [...view.fills].sort((one, other) => (BigInt(other.surplus) > BigInt(one.surplus) ? 1 : -1));
  const [shown, more] = useMore(rows, FIRST);
  const several = solversOf(winners(view)).length > 1;
  return html`<${Card} title="Fills" aside=${rows.length > 0 && "most gained first"} name="fills">
    ${rows.length === 0 ? html`<${Empty}>Nothing was filled.<//>` : html`
      <table><thead><tr><th scope="col">Gave</th><th scope="col">Received</th>
        <th scope="col" class="number">Gain over limit</th><th scope="col" class="number">Intent</th></tr></thead>
        <tbody>${shown.map((fill) => html`<${Fill} key=${fill.uid} fill=${fill} intent=${detail?.intents.get(fill.uid)}
          tokens=${tokens} palette=${palette} several=${several} />`)}</tbody></table>`}
    ${more}
  <//>`;
}

function Fill({ fill, intent, tokens, palette, several }) {
  return html`<tr>
    <td data-label="gave">${side(fill.gives, intent?.gives, tokens)}${BigInt(fill.fee) > 0n && intent && html`
      <small>of it ${tokens.amount(fill.fee, intent.gives[0].token, 3)} fee</small>`}</td>
    <td data-label="received">${side(fill.wants, intent?.wants, tokens)}</td>
    <td data-label="gain" class="number">${tokens.wei(fill.surplus)}${several && html`
      <small><${Solver} name=${fill.solver} palette=${palette} /></small>`}</td>
    <td data-label="intent" class="number"><${Uid} value=${fill.uid} /></td>
  </tr>`;
}

/** Amounts of one side; the legs' tokens come with the record, a moment after the feed's news. */
function side(amounts, legs, tokens) {
  const shown = (amount, place) => (legs ? tokens.amount(amount, legs[place].token) : "…");
  return amounts.map((amount, place) => html`<span class="amount">${shown(amount, place)}</span>`);
}
