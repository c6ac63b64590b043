// The league: who bids, who wins, and how much more traders got through whom.

import { html } from "../dom.js";
import { fixed, group, share } from "../numbers.js";
import { Card, Empty, Solver } from "./common.js";

export function SolversPanel({ house, palette }) {
  const rows = [...house.state.solvers].sort((one, other) => (BigInt(other.surplus) > BigInt(one.surplus) ? 1 : -1));
  const top = BigInt(rows[0]?.surplus ?? 0);
  return html`<${Card} title="Solver league" aside="since the house opened" name="league">
    ${rows.length === 0 ? html`<${Empty}>No solver stands in the league yet.<//>` : html`<table>
      <thead><tr><th scope="col">Solver</th><th scope="col" class="number">Bids</th>
        <th scope="col" class="number">Won</th><th scope="col" class="number">Rate</th>
        <th scope="col">Surplus for traders</th></tr></thead>
      <tbody>${rows.map((line) => html`<tr key=${line.name} class=${palette.of(line.name)}>
        <th scope="row"><${Solver} name=${line.name} palette=${palette} /></th>
        <td class="number">${group(line.bids)}</td><td class="number">${group(line.wins)}</td>
        <td class="number">${line.bids ? `${fixed(BigInt(line.wins) * 100n, BigInt(line.bids), 0)} %` : "–"}</td>
        <td><span class="bar" aria-hidden="true">
          <i style=${{ width: `${share(BigInt(line.surplus), top)}%` }}></i></span>
          ${house.tokens.wei(line.surplus)}</td></tr>`)}</tbody></table>`}
    <p class="note">Surplus counts settled fills only: what traders received beyond their signed limits, after fees, at
      reference prices.</p>
  <//>`;
}
