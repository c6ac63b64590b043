// The rounds, oldest left: a bar each, as high as its score, in the winner's colour. Arrow keys walk along.

import { html, useLayoutEffect, useRef } from "../dom.js";
import { count, share } from "../numbers.js";
import { followed } from "../round.js";
import { go } from "../route.js";

export function Timeline({ house, chosen, palette }) {
  const list = useRef(null);
  const rounds = [...house.state.rounds].reverse();
  const newest = followed(house.state.rounds);
  const top = rounds.reduce((most, line) => (BigInt(line.score) > most ? BigInt(line.score) : most), 1n);
  useLayoutEffect(() => reveal(list.current, chosen), [chosen, rounds.length]);
  const choose = (id) => (id === newest ? go("round") : go("round", id));
  const move = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -rounds.length, End: rounds.length }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const here = [...list.current.children].indexOf(event.target.closest("li"));
    const place = Math.min(rounds.length - 1, Math.max(0, here + step));
    choose(rounds[place].id);
    list.current.children[place].firstElementChild.focus();
  };
  return html`<nav class="timeline" aria-label="Rounds, oldest first">
    <ol ref=${list} onKeyDown=${move}>
      ${rounds.map((line) => html`<li key=${line.id}>
        <button type="button" tabindex=${line.id === chosen ? 0 : -1}
          aria-current=${line.id === chosen ? "true" : undefined}
          class=${palette.of(line.winners[0])} onClick=${() => choose(line.id)} title=${title(line, house.tokens)}>
          <span class="track" aria-hidden="true"><i style=${{ height: `${height(line, top)}%` }}></i></span>
          <span><span class="unseen">Round </span>${line.id}<span class="unseen">,
            ${title(line, house.tokens)}</span></span>
        </button></li>`)}
      ${house.open && html`<li key="open" class="pending"><span class="track" aria-hidden="true"><i></i></span>
        <span>${house.open.round}</span></li>`}
    </ol>
  </nav>`;
}

function height(line, top) {
  return line.winners.length ? Math.max(4, share(BigInt(line.score), top)) : 2;
}

function title(line, tokens) {
  const who = line.winners.join(" and ") || "nobody";
  return `${who} won with ${tokens.wei(line.score)}; ${count(line.fills, "fill")} of ${count(line.intents, "intent")}`;
}

/** Scroll the strip, and only the strip, so that the chosen round is in sight. */
function reveal(list, chosen) {
  const button = list?.querySelector("[aria-current]") ?? list?.lastElementChild;
  if (button && chosen !== null) list.scrollLeft = button.offsetLeft - list.clientWidth + 2 * button.offsetWidth;
}
