// Where we are, in the address: #round/7, #book/0x…/0x…, #solvers, #intents/0x…. So that every view can be linked.

export const TABS = [
  { key: "round", title: "Rounds" },
  { key: "book", title: "Order book" },
  { key: "solvers", title: "Solvers" },
  { key: "intents", title: "Intents" },
];

/** The address as {tab, parts}; whatever is not known leads to the newest round. */
export function read(hash = location.hash) {
  const [tab, ...parts] = hash.replace(/^#/, "").split("/").map(decodeURIComponent);
  return TABS.some((known) => known.key === tab) ? { tab, parts } : { tab: "round", parts: [] };
}

export function link(tab, ...parts) {
  return `#${[tab, ...parts].map((part) => encodeURIComponent(part)).join("/")}`;
}

export function go(tab, ...parts) {
  if (location.hash !== link(tab, ...parts)) location.hash = link(tab, ...parts);
}
