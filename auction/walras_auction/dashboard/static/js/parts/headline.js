// What happened, to be understood in five seconds.

import { html } from "../dom.js";
import { count, fixed, group } from "../numbers.js";
import { gasUsed, ranked, runnerUp, solversOf, winners, won } from "../round.js";
import { link } from "../route.js";
import { plain } from "../words.js";
import { Ago, Solver } from "./common.js";

export function Headline({ house, view, palette, following, tokens }) {
  const time = view.settlement.find((bundle) => bundle.time)?.time ?? view.time;
  const market = view.market && html`<span class="tag">${view.market} market</span>`;
  return html`<section class="headline" aria-label=${`Round ${view.round}`}>
    <p class="eyebrow"><b>Round ${view.round}</b>${market}
      <span><${Ago} house=${house} time=${time} /></span>
      ${following ? html`<span class="tag follow">${quiet(house, view) || "following the newest"}</span>`
        : html`<a href=${link("round")}>go to the newest</a>`}</p>
    <h1><${Outcome} view=${view} palette=${palette} tokens=${tokens} /></h1>
    <p class="lead"><${Lead} view=${view} tokens=${tokens} /></p>
    <${Figures} view=${view} tokens=${tokens} />
  </section>`;
}

/** Says so if newer rounds drew no bid. */
function quiet(house, view) {
  const newer = house.state.rounds.filter((line) => line.id > view.round).length;
  return newer && `newest with bids; ${count(newer, "later round")} drew none`;
}

function Outcome({ view, palette, tokens }) {
  const chosen = winners(view);
  if (chosen.length === 0) return "No bid won this round";
  const names = solversOf(chosen).map((name, place) => html`
    ${place > 0 && " and "}<${Solver} name=${name} palette=${palette} />`);
  if (won(view).length === 0) return html`${names} won, but did not settle`;
  const gain = html`<em>${tokens.wei(view.verdict.total)}</em>`;
  return html`${names} ${names.length > 1 ? "win" : "wins"} with ${gain} more for traders than they asked`;
}

function Lead({ view, tokens }) {
  const { bids, proof } = view.verdict;
  const parts = [];
  const intents = count(view.intents, "open intent");
  if (won(view).length) parts.push(`${group(view.fills.length)} of ${intents} filled, everyone at one price per pair.`);
  else parts.push(`${intents} stayed unfilled.`);
  const failed = bids.find((bid) => bid.status === "failed");
  if (failed) parts.push(`The settlement failed: ${plain(failed.detail, tokens)}.`);
  const next = runnerUp(view);
  if (next) parts.push(`Closest rival: ${next.bid.solver} with ${tokens.compared(next.bid.score, next.score)}.`);
  else if (bids.length === 1) parts.push("It was the only bid.");
  const unfair = ranked(view).filter((bid) => bid.reason === "unfair_to_pair").length;
  if (unfair) parts.push(`${count(unfair, "bid")} dropped as unfair to a pair.`);
  if (winners(view).length) {
    const optimal = proof === "optimal";
    parts.push(optimal ? "Proven to be the best set of bids." : "Best set found; the record holds the proven bound.");
  }
  return parts.join(" ");
}

function Figures({ view, tokens }) {
  const gas = gasUsed(view);
  const total = Object.values(view.timingsMs).reduce((sum, lap) => sum + lap, 0);
  const figures = [
    ["surplus", won(view).length ? tokens.wei(view.verdict.total) : "–"],
    ["fills", group(view.fills.length)],
    ["block", group(view.settlement[0]?.block || view.block)],
    ["bids", group(view.verdict.bids.length)],
    ["gas a fill", gas && view.fills.length ? group(Math.round(gas / view.fills.length)) : "–"],
    ["close to winners", `${fixed(BigInt(total), 1000n, 2)} s`],
  ];
  return html`<dl class="figures">${figures.map(([name, value]) => html`
    <div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** The round in a sentence, for screen readers. */
export function said(view, tokens) {
  const names = solversOf(won(view)).join(" and ");
  if (!names) return `Round ${view.round} closed without a settled winner.`;
  const fills = count(view.fills.length, "fill");
  return `Round ${view.round}: ${names} won with ${tokens.wei(view.verdict.total)}, ${fills}.`;
}
