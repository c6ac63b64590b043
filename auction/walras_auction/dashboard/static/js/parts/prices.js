// Clearing prices: one a pair and winner, beside the reference price.

import { html } from "../dom.js";
import { deviation } from "../numbers.js";
import { clearing, solversOf, winners, won } from "../round.js";
import { link } from "../route.js";
import { Card, Empty, Solver } from "./common.js";

export function Prices({ view, tokens, palette }) {
  const rows = clearing(view, tokens);
  const several = solversOf(winners(view)).length > 1;
  const aside = rows.length > 0 && won(view).length === 0 && "not settled";
  const shared = { tokens, palette, several };
  return html`<${Card} title="Clearing prices" aside=${aside} name="prices">
    ${rows.length === 0 ? html`<${Empty}>Nothing traded.<//>` : html`<ul class="rates">${rows.map((row) => html`
      <${Rate} key=${row.bid.hash + row.give + row.want} row=${row} ...${shared} />`)}</ul>`}
  <//>`;
}

function Rate({ row, tokens, palette, several }) {
  const [give, want] = [tokens.symbol(row.give), tokens.symbol(row.want)];
  const off = row.rate && row.reference && deviation(row.rate[0], row.rate[1], row.reference[0], row.reference[1]);
  return html`<li>
    <a class="pair" href=${link("book", row.give, row.want)} title=${`Order book of ${give} and ${want}`}>
      ${give} / ${want}</a>
    <span class="rate"><b>${tokens.rateText(row.rate)}</b> ${want} per ${give}</span>
    <small>${row.reference ? html`reference ${tokens.rateText(row.reference, 5)} <span class="off">${off}</span>`
      : "no reference price"}${several && html` · <${Solver} name=${row.bid.solver} palette=${palette} />`}</small>
  </li>`;
}
