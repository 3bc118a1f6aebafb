import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasTools } from '../support/host-tools.ts';
import { readTerminals, type Terminal } from '../support/page-commands.ts';
import { startTour } from '../support/page-tour.ts';
import { projectRoot } from '../support/sources.ts';

/** Commands that are not run here, and why. */
const leftOut: Readonly<Record<string, string>> = {
  'npm ci': 'what runs this is installed',
  'npm run demo': 'demo.test.ts runs it',
  'npm test': 'it would run this',
  'npx vitest run --project file FILE': 'it would run this',
  'npm run check': 'it checks the checkout, not the program',
  'npm run build:dist': 'it writes into the checkout',
  'npm run soak': 'it takes half an hour',
  'npm run mutation': 'it takes hours, in a copy of the checkout',
  'npm run nightly': 'it takes minutes, and needs what CI installs for it',
};

/** The first commands of terminals that are left out as a whole, and why. */
const leftOutTerminals: Readonly<Record<string, string>> = {
  'npx qgjob init agent': 'it needs a phone; phones.test.ts has a stand-in',
};

/** Programs that run until they are stopped, and what they print once they are ready. */
const lasting: Readonly<Record<string, RegExp>> = {
  'npx qgjob server': /^qgjob server listening on http:\S+$/m,
  'npx qgjob agent': /^isolation none/m,
  'npx qgjob dev': /^Ctrl-C ends both\.$/m,
};

/** Those that end with another code than 0. */
const exitCodes: Readonly<Record<string, number>> = { 'npx qgjob retry <run> --failed --wait': 1 };

const terminalsOf = (page: string): Terminal[] =>
  readTerminals(readFileSync(join(projectRoot, page), 'utf8'));
const isLeftOut = ([first]: Terminal): boolean => first !== undefined && first.line in leftOutTerminals;

const pages = ['README.md', 'docs/getting-started.md'];

test.skipIf(!hasTools('npx', 'jq'))(
  'the commands of the README and of getting started do what the pages say',
  async () => {
    const tour = await startTour({
      isLeftOut: (line) => line in leftOut,
      readyWhen: (line) => lasting[line],
      exitCodeOf: (line) => exitCodes[line] ?? 0,
    });
    for (const page of pages) await tour.walk(terminalsOf(page).filter((one) => !isLeftOut(one)));
    await tour.pressCtrlC();
  },
  240_000,
);

test('what is left out is on the pages', () => {
  const all = pages.flatMap(terminalsOf);
  const lines = new Set(all.flat().map(({ line }) => line));
  const firsts = new Set(all.map(([first]) => first?.line));
  expect([...Object.keys(leftOut), ...Object.keys(exitCodes)].filter((line) => !lines.has(line))).toEqual([]);
  expect(Object.keys(leftOutTerminals).filter((line) => !firsts.has(line))).toEqual([]);
});

test('a comment on the pages stands apart from its command', () => {
  const lines = pages.flatMap(terminalsOf).flatMap((terminal) => terminal.map(({ line }) => line));
  expect(lines.filter((line) => line.includes(' #'))).toEqual([]);
});
