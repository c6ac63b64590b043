// The order book of a pair: supply and demand over the price, and the levels on both sides.

import { html, useEffect, useState } from "../dom.js";
import { get } from "../house.js";
import { group } from "../numbers.js";
import { clearing, followed } from "../round.js";
import { go, link } from "../route.js";
import { Card, Empty } from "./common.js";
import { Depth } from "./depth.js";

const LEVELS = 500;
const SHOWN = 12;
const BUSIEST = 6;

export function BookPanel({ house, parts }) {
  const { tokens } = house;
  const [give, want] = chosen(house, parts);
  const book = useBook(house, give, want);
  if (!give) return html`<${Card} title="Order book"><${Empty}>This house lists fewer than two tokens.<//><//>`;
  const titles = `${tokens.symbol(give)} / ${tokens.symbol(want)}`;
  return html`
    <${Card} title=${`Order book: ${titles}`} name="book">
      <${Choice} house=${house} give=${give} want=${want} />
      ${book.problem && html`<p class="problem"><b>${book.problem.title}</b> ${book.problem.detail}</p>`}
      ${book.data && html`<${Book} book=${book.data} tokens=${tokens} last=${lastPrice(house, give, want)} />`}
    <//>`;
}

/** The pair of the address; else the busiest of the newest round, else the first two tokens. */
function chosen(house, parts) {
  const known = house.tokens.list().map((token) => token.address);
  const address = /^0x[0-9a-f]{40}$/;
  if (address.test(parts[0]) && address.test(parts[1]) && parts[0] !== parts[1]) return parts;
  const view = house.views.get(followed(house.state.rounds));
  const traded = view && clearing(view, house.tokens)[0];
  if (traded) return [traded.give, traded.want];
  return known.length > 1 ? known.slice(0, 2) : [];
}

/** The book, fetched again whenever an event came in. */
function useBook(house, give, want) {
  const [book, set] = useState({ data: null, problem: null });
  const stamp = house.state.event;
  useEffect(() => {
    if (!give) return undefined;
    let current = true;
    get(`/v1/book?give=${give}&want=${want}&limit=${LEVELS}`).then(
      ([data]) => current && set({ data, problem: null }),
      (error) => current && set((old) => ({ ...old, problem: error.problem })));
    return () => (current = false);
  }, [give, want, stamp]);
  return book.data && (book.data.give !== give || book.data.want !== want) ? { data: null, problem: null } : book;
}

/** The newest clearing price of the pair among the rounds in memory, as a number for the chart; or null. */
function lastPrice(house, give, want) {
  for (const line of house.state.rounds) {
    const view = house.views.get(line.id);
    for (const row of view ? clearing(view, house.tokens) : []) {
      if (!row.rate) continue;
      const rate = Number((row.rate[0] * 10n ** 18n) / row.rate[1]) / 1e18;
      if (row.give === give && row.want === want) return { rate, round: line.id };
      if (row.give === want && row.want === give) return { rate: 1 / rate, round: line.id };
    }
  }
  return null;
}

function Choice({ house, give, want }) {
  const { tokens } = house;
  const options = tokens.list();
  const newest = followed(house.state.rounds);
  const pairs = (newest && house.detail(newest)?.pairs.slice(0, BUSIEST)) || [];
  const busiest = pairs.map(({ pair, number }) => [upright(pair, tokens), number]);
  const select = (name, value, other, chosen) => html`<label>${name}
    <select value=${value} onChange=${(event) => go("book", ...chosen(event.target.value))}>
      ${options.filter((token) => token.address !== other).map((token) => html`
        <option key=${token.address} value=${token.address} selected=${token.address === value}>
          ${token.symbol}</option>`)}
    </select></label>`;
  return html`<div class="choice">
    ${select("Amounts in", give, want, (token) => [token, want])}
    ${select("Prices in", want, give, (token) => [give, token])}
    <button type="button" onClick=${() => go("book", want, give)}>Swap sides</button>
    ${busiest.length > 0 && html`<p class="chips">busiest:${busiest.map(([pair, number]) => html`
      <a key=${pair.join()} href=${link("book", ...pair)}>${tokens.symbol(pair[0])} / ${tokens.symbol(pair[1])}${" "}
        <small>${group(number)}</small></a>`)}</p>`}
  </div>`;
}

/** The token of more reference value first, as clearing prices are shown. */
function upright(pair, tokens) {
  const rate = tokens.reference(...pair);
  return rate && rate[0] < rate[1] ? [pair[1], pair[0]] : pair;
}

function Book({ book, tokens, last }) {
  const empty = book.asks.length === 0 && book.bids.length === 0;
  if (empty) return html`<${Empty}>No open intent trades this pair. Choose another one.<//>`;
  const [give, want] = [tokens.symbol(book.give), tokens.symbol(book.want)];
  const shared = { book, tokens, want };
  return html`
    <${Depth} book=${book} tokens=${tokens} last=${last} />
    <div class="sides">
      <${Side} title=${`Sellers of ${give}`} name="supply" levels=${book.asks} ...${shared} />
      <${Side} title=${`Buyers of ${give}`} name="demand" levels=${book.bids} ...${shared} />
    </div>`;
}

function Side({ title, name, levels, book, tokens, want }) {
  return html`<div class=${`side ${name}`}><h3>${title}</h3>
    ${levels.length === 0 ? html`<${Empty}>Nobody.<//>` : html`<table>
      <thead><tr><th scope="col">${want}</th><th scope="col" class="number">amount</th>
        <th scope="col" class="number">total</th><th scope="col" class="number">intents</th></tr></thead>
      <tbody>${levels.slice(0, SHOWN).map((level) => html`<tr key=${level.price}>
        <td>${price(level.price)}</td><td class="number">${amount(level.amount, book, tokens)}</td>
        <td class="number">${amount(level.cumulative, book, tokens)}</td>
        <td class="number">${group(level.intents)}</td></tr>`)}
      </tbody></table>`}
    ${levels.length > SHOWN && html`<p class="note">and ${group(levels.length - SHOWN)} further prices</p>`}
  </div>`;
}

function amount(atoms, book, tokens) {
  return tokens.amount(atoms, book.give, 5).replace(/ [^ ]*$/, "");
}

/** A price of the book (a decimal string) with thousands apart and at most eight digits after them. */
function price(text) {
  const [whole, fraction = ""] = text.split(".");
  const kept = fraction.slice(0, Math.max(0, 7 - whole.length)).replace(/0+$/, "");
  if (whole !== "0") return group(whole) + (kept && `.${kept}`);
  const zeros = fraction.match(/^0*/)[0].length;
  return `0.${fraction.slice(0, zeros + 6)}`;
}
