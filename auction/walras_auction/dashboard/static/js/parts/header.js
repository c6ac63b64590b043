// The top of the page: whose house, is it live, what is it doing right now.

import { html } from "../dom.js";
import { count, group, short } from "../numbers.js";

const WORDS = { connecting: "connecting", live: "live", lost: "reconnecting" };

export function Header({ house }) {
  const { info, state } = house;
  return html`<header class="top">
    <a class="brand" href="#round"><img src="icon.svg" alt="" width="32" height="32" />
      <span><strong>Walras</strong><small>auction house for signed intents</small></span></a>
    <dl class="facts">
      <div><dt>chain</dt><dd>${info.chainId}</dd></div>
      <div><dt>settlement</dt><dd><code title=${info.settlement}>${short(info.settlement)}</code></dd></div>
      <div><dt>log</dt><dd>${group(state.logLength)} entries</dd></div>
    </dl>
    <p class="doing"><${Doing} house=${house} /></p>
    <p class=${`pill ${house.connection}`}><i aria-hidden="true"></i>${WORDS[house.connection]}</p>
  </header>`;
}

/** The stage of the round under way, or what the house waits for. */
function Doing({ house }) {
  const { open, state } = house;
  if (open?.transaction) return html`<b>Round ${open.round}</b> settling ${short(open.transaction)}`;
  if (open) return html`<b>Round ${open.round}</b> taking bids on ${count(open.intents, "intent")}`;
  const waiting = state.intents.open ?? 0;
  return waiting ? `${count(waiting, "open intent")} waiting for the next round` : "no open intents";
}

/** Says that what is shown may be old. */
export function Banner({ house }) {
  if (house.connection !== "lost") return null;
  return html`<p class="banner" role="alert"><b>The house does not answer.</b> Reconnecting by itself; nothing will be
    missed. What you see is the last that was heard.</p>`;
}
