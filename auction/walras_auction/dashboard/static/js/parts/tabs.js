// The tabs: one stop for the tab key, arrow keys between them (the WAI-ARIA tabs pattern).

import { html } from "../dom.js";
import { TABS, go } from "../route.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

export function Tabs({ current }) {
  const move = (event) => {
    // Not from `current`: the page may still be drawing the step before.
    const place = [...event.currentTarget.children].indexOf(event.target);
    let next = place;
    if (event.key in STEPS) next = (place + STEPS[event.key] + TABS.length) % TABS.length;
    else if (event.key === "Home") next = 0;
    else if (event.key === "End") next = TABS.length - 1;
    else return;
    event.preventDefault();
    go(TABS[next].key);
    event.currentTarget.children[next].focus();
  };
  return html`<div class="tabs" role="tablist" aria-label="Views" onKeyDown=${move}>
    ${TABS.map((tab) => html`
      <button key=${tab.key} type="button" role="tab" id=${`tab-${tab.key}`}
        aria-selected=${String(tab.key === current)}
        aria-controls=${tab.key === current ? `panel-${tab.key}` : undefined}
        tabindex=${tab.key === current ? 0 : -1} onClick=${() => go(tab.key)}>${tab.title}</button>`)}
  </div>`;
}
