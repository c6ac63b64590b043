// Supply and demand as two stairs over the price. Where they cross is where a market clears (Walras, 1874).
// The only place where amounts turn into floats: a chart has no more than a thousand pixels.

import uPlot from "../../vendor/uplot.js";
import { html, useEffect, useRef } from "../dom.js";

const HEIGHT = 280;
/** Prices further away from the middle than this factor are cut off: limits nobody expects to trade at. */
const REACH = 1.25;

export function Depth({ book, tokens, last }) {
  const place = useRef(null);
  const key = JSON.stringify([book, last]);
  useEffect(() => draw(place.current, stairs(book, tokens, last), tokens, book, last), [key]);
  return html`<figure class="depth">
    <div ref=${place} aria-hidden="true"></div>
    <figcaption>${summary(book, tokens, last)}</figcaption>
  </figure>`;
}

function summary(book, tokens, last) {
  const [give, want] = [tokens.symbol(book.give), tokens.symbol(book.want)];
  const parts = [`Supply and demand of ${give} at each limit price, in ${want} per ${give}.`];
  const [ask, bid] = [book.asks[0], book.bids[0]];
  if (ask && bid && Number(bid.price) >= Number(ask.price)) parts.push("The sides cross: there is something to trade.");
  else if (ask && bid) parts.push("The sides do not cross: nothing to trade between these two groups as they stand.");
  if (last) parts.push(`Round ${last.round} cleared at ${Number(last.rate.toPrecision(6)).toLocaleString("en")}.`);
  return parts.join(" ");
}

/** [prices, supply, demand]: what sellers give at up to a price, and what buyers take from it on. */
export function stairs(book, tokens, last) {
  const decimals = tokens.get(book.give)?.decimals ?? 0;
  const read = (levels) => levels.map((level) => [Number(level.price), Number(level.cumulative) / 10 ** decimals]);
  const [asks, bids] = [read(book.asks), read(book.bids)];
  const [low, high] = range(asks, bids, last);
  const inside = [...asks, ...bids].map(([price]) => price).filter((price) => price > low && price < high);
  const prices = [...new Set([low, ...inside, high])].sort((one, other) => one - other);
  const supply = prices.map((price) => asks.findLast(([at]) => at <= price)?.[1] ?? 0);
  const demand = prices.map((price) => bids.findLast(([at]) => at >= price)?.[1] ?? 0);
  return [prices, supply, demand];
}

function range(asks, bids, last) {
  const best = [asks[0]?.[0], bids[0]?.[0]].filter((price) => price !== undefined);
  const middle = last?.rate ?? best.reduce((sum, price) => sum + price, 0) / best.length;
  const all = [...asks, ...bids].map(([price]) => price).concat(middle);
  const low = Math.max(Math.min(...all), middle / REACH);
  const high = Math.min(Math.max(...all), middle * REACH);
  const margin = (high - low || middle) * 0.06;
  return [Math.max(0, low - margin), high + margin];
}

/** Draw into `place`; again when its width or the colour scheme changes. Returns the function that removes it all. */
function draw(place, data, tokens, book, last) {
  let chart = null;
  const paint = () => {
    chart?.destroy();
    chart = new uPlot(options(place.clientWidth, tokens, book, last), data, place);
  };
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const watch = new ResizeObserver(() => chart && chart.width !== place.clientWidth && paint());
  paint();
  watch.observe(place);
  scheme.addEventListener("change", paint);
  return () => {
    watch.disconnect();
    scheme.removeEventListener("change", paint);
    chart.destroy();
  };
}

function options(width, tokens, book, last) {
  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(`--${name}`).trim();
  const font = "12px Inter, system-ui, sans-serif";
  const axis = { stroke: colour("muted"), font, grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  const step = (align) => uPlot.paths.stepped({ align });
  const side = (label, name, align) => ({
    label,
    stroke: colour(name),
    fill: `${colour(name)}22`,
    width: 2,
    paths: step(align),
    points: { show: false },
    value: (_, value) => brief(value),
  });
  const price = `${tokens.symbol(book.want)} per ${tokens.symbol(book.give)}`;
  return {
    width,
    height: HEIGHT,
    scales: { x: { time: false }, y: { range: (_, low, high) => [0, high * 1.08 || 1] } },
    axes: [{ ...axis, space: 70 }, { ...axis, size: 52, values: (_, ticks) => ticks.map(brief) }],
    series: [
      { label: price, value: (_, value) => value?.toPrecision(6) ?? "–" },
      side("Supply", "ask", 1),
      side("Demand", "bid", -1),
    ],
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    hooks: { draw: [(chart) => last && mark(chart, last.rate, colour("ink"))] },
  };
}

/** A dashed line at the last clearing price. */
function mark(chart, rate, stroke) {
  const { ctx, bbox } = chart;
  const x = chart.valToPos(rate, "x", true);
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

const BRIEF = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });

function brief(value) {
  return value === null || value === undefined ? "–" : BRIEF.format(value);
}
