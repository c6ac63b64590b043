// The page's picture of the house: a snapshot from /v1/state, kept up to date by the feed.
//
// The browser's EventSource resumes by Last-Event-ID on its own after a broken connection; when it gives up, we go on
// behind the last event ourselves. A house that counts fewer events than we saw is another one: then all starts anew.

import { detailOf, followed, lineOf, viewOf } from "./round.js";
import { Tokens } from "./tokens.js";

const KINDS = [
  "accepted", "refused", "cancelled", "expired", "parked", "permit_relayed", "permit_failed",
  "round_open", "settling", "round_closed",
];
const ROUNDS = 100;
const REMEMBERED_EVENTS = 60;
const REMEMBERED_VIEWS = 200;
const REMEMBERED_RECORDS = 6;
const REFRESH_MS = 1000;
const RETRY_MS = 3000;
const PATIENCE_MS = [500, 1000, 2000, 4000, 8000];

/** A problem document of the house, or a connection that failed (status 0). */
export class HouseError extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title);
    this.status = status;
    this.problem = problem;
  }
}

/** Fetch JSON of the API; throws HouseError. The second value is the ETag without its quotes. */
export async function get(path) {
  let response;
  try {
    response = await fetch(path, { headers: { accept: "application/json" } });
  } catch {
    throw new HouseError(0, { title: "The house does not answer.", detail: "" });
  }
  let body;
  try {
    body = await response.json();
  } catch {
    throw new HouseError(response.status, { title: `The house answered ${response.status}.`, detail: "" });
  }
  if (!response.ok) throw new HouseError(response.status, body);
  return [body, (response.headers.get("etag") ?? "").replaceAll('"', "")];
}

export class House {
  constructor() {
    this.connection = "connecting"; // connecting, live, lost
    this.info = null;
    this.tokens = null;
    this.state = null;
    this.skew = 0; // the house's clock minus ours, in seconds
    this.open = null; // the round under way: {round, intents, block, transaction}
    this.events = [];
    this.views = new Map();
    this.details = new Map();
    this.lastEvent = 0;
    this._listeners = new Set();
    this._pending = new Map();
    this._failures = 0;
    this._painting = false;
  }

  /** Call `listener` after every change, at most once a frame. Returns the function that ends it. */
  listen(listener) {
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  }

  /** Seconds on the house's clock. */
  now() {
    return Date.now() / 1000 + this.skew;
  }

  async start() {
    try {
      const [[info], [state]] = await Promise.all([get("/v1/house"), get(`/v1/state?rounds=${ROUNDS}`)]);
      this._adopt(info, state);
      await this._newest();
      this._follow();
    } catch {
      this._lost();
      setTimeout(() => this.start(), this._patience());
    }
  }

  /** The view of a round, from memory; else fetched, and null until then. */
  view(id) {
    if (!this.views.has(id) && id) this.detail(id);
    return this.views.get(id) ?? null;
  }

  /** What only the record of a round holds; null until it is here. */
  detail(id) {
    if (!this.details.has(id) && !this._pending.has(id)) {
      const again = () => this._pending.delete(id);
      this._pending.set(id, this._record(id).then(again, () => setTimeout(again, RETRY_MS)));
    }
    return this.details.get(id) ?? null;
  }

  _adopt(info, state) {
    this.info = info;
    this.tokens = new Tokens(info);
    this.lastEvent = Math.max(0, state.event - REMEMBERED_EVENTS); // a little history, to tell what is going on
    this._take(state);
  }

  /** Another house answers at this address: nothing we remember is about it. */
  _forget() {
    this.events = [];
    this.views.clear();
    this.details.clear();
    this.state = null;
    this.lastEvent = 0;
    this.open = null;
  }

  _take(state) {
    // A snapshot may be older than the newest events: rounds that it does not know yet stay.
    const known = new Set(state.rounds.map((line) => line.id));
    const newer = (this.state?.rounds ?? []).filter((line) => !known.has(line.id) && state.event < this.lastEvent);
    this.state = { ...state, rounds: [...newer, ...state.rounds].sort((one, other) => other.id - one.id) };
    this.skew = state.time - Date.now() / 1000;
    this._changed();
  }

  async _newest() {
    const id = followed(this.state.rounds);
    if (id && !this.views.has(id)) await this._record(id).catch(() => {}); // asked for again later
  }

  async _record(id) {
    const [record, hash] = await get(`/v1/rounds/${id}/record`);
    keep(this.details, id, detailOf(record), REMEMBERED_RECORDS);
    if (!this.views.has(id)) keep(this.views, id, viewOf(record, hash), REMEMBERED_VIEWS);
    this._changed();
  }

  _follow() {
    const source = new EventSource(`/v1/feed?after=${this.lastEvent}`);
    source.onopen = () => this._connected(source);
    source.onerror = () => {
      this._lost();
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this._follow(), this._patience());
    };
    for (const kind of KINDS) source.addEventListener(kind, (message) => this._event(JSON.parse(message.data)));
  }

  async _connected(source) {
    const again = this.connection === "lost";
    this.connection = "live";
    this._failures = 0;
    this._changed();
    if (again && !(await this._isSame())) {
      source.close();
      this._forget();
      this.start();
    }
  }

  /** Whether the house that answers now is the one that we know. */
  async _isSame() {
    try {
      const [[info], [state]] = await Promise.all([get("/v1/house"), get(`/v1/state?rounds=${ROUNDS}`)]);
      if (state.event < this.lastEvent || info.settlement !== this.info.settlement) return false;
      this._take(state);
    } catch {
      // gone again; the feed's own error says it
    }
    return true;
  }

  _lost() {
    this.connection = "lost";
    this._failures += 1;
    this._changed();
  }

  _patience() {
    return PATIENCE_MS[Math.min(this._failures, PATIENCE_MS.length) - 1];
  }

  _event(event) {
    if (event.id <= this.lastEvent) return;
    this.lastEvent = event.id;
    this.events = [event, ...this.events].slice(0, REMEMBERED_EVENTS);
    if (event.kind === "round_open") this.open = { ...event.data, transaction: null };
    if (event.kind === "settling" && this.open) this.open = { ...this.open, transaction: event.data.transaction };
    if (event.kind === "round_closed") this._closed(event.data);
    if (event.id > this.state.event) this._refresh();
    this._changed();
  }

  _closed(view) {
    this.open = null;
    keep(this.views, view.round, view, REMEMBERED_VIEWS);
    const rounds = this.state.rounds.filter((line) => line.id !== view.round);
    this.state = { ...this.state, rounds: [lineOf(view), ...rounds].sort((one, other) => other.id - one.id) };
  }

  /** Counters, refusals and the league come from the house, at most once a second. */
  _refresh() {
    if (this._refreshing) return;
    this._refreshing = setTimeout(async () => {
      try {
        const [state] = await get(`/v1/state?rounds=${ROUNDS}`);
        this._refreshing = null;
        this._take(state);
      } catch {
        this._refreshing = null; // the feed's own error says it
      }
    }, REFRESH_MS);
  }

  _changed() {
    if (this._painting) return;
    this._painting = true;
    setTimeout(() => {
      this._painting = false;
      for (const listener of this._listeners) listener();
    }, 16);
  }
}

/** Put into a map that forgets its oldest entry beyond `most`. */
function keep(map, key, value, most) {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value);
}
