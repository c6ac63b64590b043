// Small pieces that several parts use.

import { html, useEffect, useRef, useState } from "../dom.js";
import { short, span } from "../numbers.js";
import { link } from "../route.js";
import { label, plain, sentence } from "../words.js";

/** A box with a heading. `aside` stands beside it. */
export function Card({ title, aside, name, children }) {
  return html`<section class=${`card ${name ?? ""}`} aria-label=${title}>
    <header class="card-head"><h2>${title}</h2>${aside && html`<div class="aside">${aside}</div>`}</header>
    ${children}
  </section>`;
}

export function Empty({ children }) {
  return html`<p class="empty">${children}</p>`;
}

/** The name of a solver with its colour. */
export function Solver({ name, palette }) {
  return html`<span class=${`solver ${palette.of(name)}`}><i aria-hidden="true"></i>${name}</span>`;
}

/** A hash, shortened, with a button that copies all of it. */
export function Hash({ value, what, full = false }) {
  const [copied, set] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    set(true);
    setTimeout(() => set(false), 1500);
  };
  return html`<span class="hash"><code title=${value}>${full ? value : short(value)}</code>
    ${navigator.clipboard && html`<button type="button" class="quiet" onClick=${copy}
      aria-label=${`Copy ${what} ${value}`}>${copied ? "copied" : "copy"}</button>`}</span>`;
}

/** A link to the look-up of an intent. */
export function Uid({ value }) {
  return html`<a class="uid" href=${link("intents", value)} title=${value}>${short(value)}</a>`;
}

/** A reason with the house's sentence, and the detail with symbols for addresses. */
export function Why({ reason, detail, tokens }) {
  return html`<span class="why"><b>${label(reason)}</b> ${sentence(reason)}
    ${detail && html` <span class="detail">${plain(detail, tokens)}</span>`}</span>`;
}

/** How long ago, counting by itself. */
export function Ago({ house, time }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((number) => number + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return html`<time datetime=${new Date(time * 1000).toISOString()}>${span(house.now() - time)} ago</time>`;
}

/** A list that shows its first rows and the rest on demand. */
export function useMore(rows, first) {
  const [all, set] = useState(false);
  const rest = rows.length - first;
  const toggle = () => set(!all);
  const more = rest > 0 && html`<button type="button" class="more" onClick=${toggle} aria-expanded=${String(all)}>
    ${all ? "Show fewer" : `Show ${rest} more`}</button>`;
  return [all ? rows : rows.slice(0, first), more];
}

/** The last value that was not null, so that a page does not go blank while the next one loads. */
export function useLast(value) {
  const last = useRef(value);
  if (value !== null) last.current = value;
  return last.current;
}
