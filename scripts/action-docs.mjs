// Makes the tables of inputs and outputs in docs/action.md from action.yml. `node scripts/action-docs.mjs` writes them;
// check-dist.mjs compares them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readActionYml } from './action-yml.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
export const docsPath = join(root, 'docs/action.md');

/** The page with new tables. */
export function renderActionDocs() {
  const { inputs, outputs } = readActionYml(join(root, 'action.yml'));
  const page = readFileSync(docsPath, 'utf8');
  return fill(fill(page, 'inputs', inputTable(inputs)), 'outputs', outputTable(outputs));
}

function fill(page, name, table) {
  const marked = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!marked.test(page)) throw new Error(`docs/action.md has no place for the ${name}`);
  return page.replace(marked, (_, start, end) => `${start}${table}\n${end}`);
}

const inputTable = (inputs) =>
  [
    '| input | default | what it is |',
    '|---|---|---|',
    ...Object.entries(inputs).map(
      ([name, input]) => `| \`${name}\` | ${defaultOf(input)} | ${cell(input.description)} |`,
    ),
  ].join('\n');

const outputTable = (outputs) =>
  [
    '| output | what it is |',
    '|---|---|',
    ...Object.entries(outputs).map(([name, { description }]) => `| \`${name}\` | ${cell(description)} |`),
  ].join('\n');

function defaultOf(input) {
  if (input.required === 'true') return '**required**';
  return input.default === undefined ? 'unset' : `\`${input.default}\``;
}

const cell = (text) => text.replaceAll('|', '\\|');

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(docsPath, renderActionDocs());
