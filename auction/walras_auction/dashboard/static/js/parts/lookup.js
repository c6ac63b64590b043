// Look up one intent: where it stands, its fills, its receipt, and why it is unfilled.

import { html, useEffect, useState } from "../dom.js";
import { get } from "../house.js";
import { group, ratio } from "../numbers.js";
import { go, link } from "../route.js";
import { sides } from "../words.js";
import { Card, Hash, Solver, Why } from "./common.js";
import { Palette } from "../palette.js";

const UID = /^0x[0-9a-fA-F]{64}$/;

export function LookUp({ house, uid }) {
  const [typed, type] = useState(uid);
  const [found, set] = useState({ status: null, problem: null });
  const newest = house.state.rounds[0]?.id;
  useEffect(() => type(uid), [uid]);
  useEffect(() => load(uid, set), [uid, newest]);
  const submit = (event) => {
    event.preventDefault();
    go("intents", typed.trim());
  };
  return html`<${Card} title="Look up an intent" name="lookup">
    <form onSubmit=${submit}>
      <label for="uid">Its uid, as the receipt names it</label>
      <div class="field"><input id="uid" name="uid" value=${typed} onInput=${(event) => type(event.target.value)}
        placeholder="0x…" autocomplete="off" spellcheck="false" aria-describedby="lookup-answer" />
        <button type="submit">Look up</button></div>
    </form>
    <div id="lookup-answer" aria-live="polite">
      ${found.problem && html`<p class="problem"><b>${found.problem.title}</b> ${found.problem.detail}</p>`}
      ${found.status && html`<${Standing} status=${found.status} tokens=${house.tokens} />`}
    </div>
  <//>`;
}

function load(uid, set) {
  if (!uid) return set({ status: null, problem: null });
  if (!UID.test(uid)) {
    const problem = { title: "That is not a uid.", detail: "It is 0x and 64 hexadecimal digits." };
    return set({ status: null, problem });
  }
  let current = true;
  get(`/v1/intents/${uid}`).then(
    ([status]) => current && set({ status, problem: null }),
    (error) => current && set({ status: null, problem: error.problem }));
  return () => (current = false);
}

function Standing({ status, tokens }) {
  const { intent, receipt } = status;
  const legs = (side) => side.map((leg) => ({ token: leg.token, amount: leg.end }));
  return html`<div class="standing">
    <p class="ask"><span class=${`state ${status.state}`}>${status.state}</span>${" "}
      ${intent.kind === "sell" ? "Sell" : "Buy"}: gives ${intent.kind === "sell" ? "" : "at most "}
      <b>${sides(legs(intent.gives), tokens)}</b> for ${intent.kind === "sell" ? "at least " : ""}
      <b>${sides(legs(intent.wants), tokens)}</b></p>
    <${Progress} status=${status} />
    ${status.reason && html`<p><${Why} reason=${status.reason} detail=${status.detail} tokens=${tokens} /></p>`}
    <${Fills} status=${status} tokens=${tokens} />
    <dl class="pairs">
      <div><dt>owner</dt><dd><${Hash} value=${intent.owner} what="owner" /></dd></div>
      <div><dt>valid to</dt><dd>${new Date(intent.validTo * 1000).toLocaleString()}</dd></div>
      <div><dt>accepted as</dt><dd>entry ${group(receipt.sequence)} of the log,${" "}
        ${new Date(receipt.time * 1000).toLocaleString()}</dd></div>
      <div><dt>log head then</dt><dd><${Hash} value=${receipt.head} what="log head" /></dd></div>
      <div><dt>receipt signed</dt><dd><${Hash} value=${receipt.signature} what="receipt signature" /></dd></div>
    </dl>
  </div>`;
}

function Progress({ status }) {
  const [executed, remaining] = [BigInt(status.executed), BigInt(status.remaining)];
  const whole = executed + remaining;
  return html`<label class="progress">filled ${ratio(executed * 100n, whole, 4)} %
    <progress max="100" value=${Number((executed * 100n) / whole)}></progress></label>`;
}

function Fills({ status, tokens }) {
  if (status.fills.length === 0) return null;
  const palette = new Palette();
  const legs = (amounts, side) => amounts.map((amount, place) => ({ token: side[place].token, amount }));
  return html`<ul class="reasons">${status.fills.map((fill) => html`<li key=${fill.round}>
    <a href=${link("round", fill.round)}>Round ${fill.round}</a>:
    gave ${sides(legs(fill.gives, status.intent.gives), tokens)},
    received <b>${sides(legs(fill.wants, status.intent.wants), tokens)}</b>,
    ${tokens.wei(fill.surplus)} over the limit, by <${Solver} name=${fill.solver} palette=${palette} />
    in block ${group(fill.block)}, <${Hash} value=${fill.transaction} what="transaction hash" /></li>`)}</ul>`;
}
