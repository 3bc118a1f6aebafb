import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { idPrefixes } from '../../protocol/ids.ts';
import type { Test } from '../../protocol/shapes/test.ts';
import { allPages } from '../all-pages.ts';
import type { WhichTest } from './test-flags.ts';
import { nameOf } from './test-table.ts';

/** The longest text that the server looks for in names. */
const longestQuery = 200;
const shownChoices = 5;

/** The id of the one test that is meant. Errors: `not_found`, `invalid` where several are. */
export async function findTestId(client: Client, named: string, which: WhichTest): Promise<string> {
  if (named.startsWith(idPrefixes.test)) return named;
  const found = await readByPath(client, named, which);
  const [only, ...others] = found;
  if (only === undefined) throw new QgjobError('not_found', unknown(named, which));
  if (others.length === 0) return only.test_id;
  const choices = found.slice(0, shownChoices).map((test) => `${test.test_id} (${test.target})`);
  const more = found.length > shownChoices ? ', …' : '';
  throw new QgjobError(
    'invalid',
    `${nameOf(only)} is ${found.length} tests: give --target or one of the ids ${choices.join(', ')}${more}`,
  );
}

/** The file itself, or with `case` the cases of that title, on each target. */
async function readByPath(client: Client, path: string, which: WhichTest): Promise<Test[]> {
  const kind = which.case === undefined ? ('file' as const) : ('test' as const);
  const filters = { kind, q: path.slice(0, longestQuery), target: which.target, org_id: which.orgId };
  const tests = await allPages(async (start) => {
    const page = await client.call('listTests', { query: { ...start, ...filters } });
    return { rows: page.tests, next: page.next_cursor };
  });
  return tests.filter((test) => test.test_path === path && (test.title ?? undefined) === which.case);
}

function unknown(path: string, which: WhichTest): string {
  const name = which.case === undefined ? path : `${path}: ${which.case}`;
  const where = which.target === undefined ? '' : ` on ${which.target}`;
  return `no test ${name}${where} has run; \`qgjob tests --filter=<text>\` finds those that did`;
}
