// The page: header, timeline, and the panel that the address names.

import { html, render, useEffect, useMemo, useState } from "./dom.js";
import { House } from "./house.js";
import { read } from "./route.js";
import { Banner, Header } from "./parts/header.js";
import { BookPanel } from "./parts/book.js";
import { IntentsPanel } from "./parts/intents.js";
import { RoundPanel } from "./parts/round.js";
import { SolversPanel } from "./parts/solvers.js";
import { Tabs } from "./parts/tabs.js";
import { said } from "./parts/headline.js";
import { Palette } from "./palette.js";

const PANELS = { round: RoundPanel, book: BookPanel, solvers: SolversPanel, intents: IntentsPanel };

/** Redraw on every change of the house. */
function useHouse(house) {
  const [, draw] = useState(0);
  useEffect(() => house.listen(() => draw((number) => number + 1)), [house]);
}

function useRoute() {
  const [route, set] = useState(read());
  useEffect(() => {
    const moved = () => set(read());
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return route;
}

function Page({ house }) {
  useHouse(house);
  const route = useRoute();
  const palette = useMemo(() => new Palette(), []);
  if (!house.state) return html`<${Waiting} house=${house} />`;
  palette.learn(house);
  const Panel = PANELS[route.tab];
  return html`
    <${Header} house=${house} />
    <${Banner} house=${house} />
    <${Tabs} current=${route.tab} />
    <main id="content" tabindex="-1">
      <section role="tabpanel" id=${`panel-${route.tab}`} aria-labelledby=${`tab-${route.tab}`} key=${route.tab}>
        <${Panel} house=${house} parts=${route.parts} palette=${palette} />
      </section>
    </main>
    <${News} house=${house} />
    <${Footer} house=${house} />`;
}

/** Before the first answer. */
function Waiting({ house }) {
  const lost = house.connection === "lost";
  return html`<main id="content" class="waiting" tabindex="-1" role="status">
    <img src="icon.svg" alt="" width="56" height="56" />
    <h1>${lost ? "The house does not answer" : "Calling the house…"}</h1>
    <p>${lost
      ? "This page asks again every few seconds. Is the house running?"
      : "Fetching the state of the auction."}</p>
  </main>`;
}

/** What a screen reader says when a round closes. */
function News({ house }) {
  const newest = house.state.rounds[0];
  const view = newest && house.views.get(newest.id);
  return html`<div class="unseen" role="status" aria-live="polite">${view ? said(view, house.tokens) : ""}</div>`;
}

function Footer({ house }) {
  return html`<footer>
    <p>Every number here is in the published record of its round; anyone can recompute it.${" "}
      <a href="/v1/openapi.json">API</a> · <a href="/v1/log">log</a> · <a href="/v1/state">state</a></p>
    <p>Walras ${house.info.version}</p>
  </footer>`;
}

const house = new House();
render(html`<${Page} house=${house} />`, document.getElementById("app"));
house.start();
