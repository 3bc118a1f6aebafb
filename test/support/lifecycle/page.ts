import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTables } from '../markdown-table.ts';
import { projectRoot } from '../sources.ts';

export const page = readFileSync(join(projectRoot, 'docs/job-lifecycle.md'), 'utf8');
export const tables = readTables(page);
/** The words of a cell in code marks; a dash counts as a word. */
export const wordsOf = (cell = ''): string[] =>
  [...cell.matchAll(/`(\w+)`|(–)/g)].map(([, word, none]) => word ?? none ?? '');

/** The page's transitions by the number of their row, each as `from → to`. */
export const transitions = new Map(
  tables
    .filter(([number = '', transition = '']) => /^\d+a?$/.test(number) && transition.includes('→'))
    .map(([number = '', transition = '']) => {
      const [from, to] = transition.split('→').map((side) => wordsOf(side));
      return [number, (from ?? []).flatMap((one) => (to ?? []).map((other) => `${one} → ${other}`))];
    }),
);
