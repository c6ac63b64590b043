// Why the rest was not filled: reasons with their numbers, and each intent's own sentence on demand.

import { html } from "../dom.js";
import { group } from "../numbers.js";
import { label, plain, sentence } from "../words.js";
import { Card, Empty, Uid, useMore } from "./common.js";

const FIRST = 8;

export function Unfilled({ view, detail, tokens }) {
  const reasons = Object.entries(view.unfilled).sort((one, other) => other[1] - one[1]);
  const total = reasons.reduce((sum, [, number]) => sum + number, 0);
  return html`<${Card} title="Left unfilled" aside=${total > 0 && group(total)} name="unfilled">
    ${total === 0 && html`<${Empty}>Every intent of the batch was filled.<//>`}
    ${reasons.map(([reason, number]) => html`<details key=${reason}>
      <summary><b>${group(number)}</b> ${label(reason)}<small>${sentence(reason)}</small></summary>
      <${Rows} rows=${detail?.unfilled.filter((row) => row.reason === reason) ?? []} tokens=${tokens} />
    </details>`)}
  <//>`;
}

function Rows({ rows, tokens }) {
  const [shown, more] = useMore(rows, FIRST);
  return html`<ul class="reasons">${shown.map((row) => html`
    <li key=${row.uid}><${Uid} value=${row.uid} /> ${plain(row.detail, tokens)}</li>`)}</ul>${more}`;
}
