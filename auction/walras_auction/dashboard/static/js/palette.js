// A colour a solver: the first one seen keeps the first colour, so that colours do not move while one looks.

const COLOURS = 8;

export class Palette {
  constructor() {
    this._places = new Map();
  }

  /** Give colours to solvers that are new, in the order of their names. */
  learn(house) {
    const names = house.state.solvers.map((line) => line.name);
    for (const line of house.state.rounds) names.push(...line.winners);
    for (const view of house.views.values()) names.push(...view.verdict.bids.map((bid) => bid.solver));
    for (const name of [...new Set(names)].sort()) {
      if (!this._places.has(name)) this._places.set(name, this._places.size % COLOURS);
    }
  }

  /** The class of a solver's colour. */
  of(name) {
    return this._places.has(name) ? `solver-${this._places.get(name)}` : "solver-none";
  }
}
