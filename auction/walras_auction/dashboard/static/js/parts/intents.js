// Intents: look one up, how many stand where, why some were refused, and the feed as it comes in.

import { html } from "../dom.js";
import { group, share } from "../numbers.js";
import { label, sentence, told } from "../words.js";
import { Ago, Card, Empty, Uid, useMore } from "./common.js";
import { LookUp } from "./lookup.js";

const FIRST = 15;
const STATES = ["open", "filled", "parked", "expired", "cancelled"];

export function IntentsPanel({ house, parts }) {
  return html`<div class="columns">
    <div class="wide"><${LookUp} house=${house} uid=${parts[0] ?? ""} /><${Activity} house=${house} /></div>
    <div class="narrow">
      <${States} intents=${house.state.intents} />
      <${Refusals} refusals=${house.state.refusals} />
    </div>
  </div>`;
}

function States({ intents }) {
  const total = Object.values(intents).reduce((sum, number) => sum + number, 0);
  return html`<${Card} title="Accepted intents" aside=${group(total)} name="states">
    <dl class="pairs">${STATES.map((state) => html`<div key=${state}><dt>${state}</dt>
      <dd>${group(intents[state] ?? 0)}</dd></div>`)}</dl>
  <//>`;
}

function Refusals({ refusals }) {
  const rows = Object.entries(refusals).sort((one, other) => other[1] - one[1]);
  const total = rows.reduce((sum, [, number]) => sum + number, 0);
  const top = BigInt(rows[0]?.[1] ?? 0);
  return html`<${Card} title="Refused at the door" aside=${group(total)} name="refusals">
    ${rows.length === 0 && html`<${Empty}>Nothing was refused.<//>`}
    <ul class="counts">${rows.map(([reason, number]) => html`<li key=${reason}>
      <b>${label(reason)}</b><span class="number">${group(number)}</span>
      <span class="bar" aria-hidden="true"><i style=${{ width: `${share(BigInt(number), top)}%` }}></i></span>
      <small>${sentence(reason)}</small></li>`)}</ul>
  <//>`;
}

function Activity({ house }) {
  const [shown, more] = useMore(house.events, FIRST);
  return html`<${Card} title="As it happens" aside="newest first" name="activity">
    ${house.events.length === 0 && html`<${Empty}>Quiet so far.<//>`}
    <ul class="events">${shown.map((event) => html`<li key=${event.id}>
      <small><${Ago} house=${house} time=${event.time} /></small>
      <span>${event.data.uid && html`<${Uid} value=${event.data.uid} /> `}${
        told(event, house.tokens)}</span></li>`)}</ul>
    ${more}
  <//>`;
}
