import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Test } from '../../protocol/shapes/test.ts';
import { isTarget, unknownTarget } from '../../protocol/targets.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { showView } from '../watch/show-view.ts';
import type { WatchFlags } from '../watch/watch-flags.ts';
import { testTable } from './test-table.ts';

export interface ListFlags extends ConnectionFlags, WatchFlags {
  readonly flaky?: true;
  readonly slow?: true;
  readonly files?: true;
  readonly orgId?: string;
  readonly target?: string;
  readonly q?: string;
  readonly filter?: string;
  readonly limit: number;
}

/** Shows the tests of an org as a table, or as an array of Tests. Resolves to the exit code. Errors: `invalid`. */
export async function listTests(flags: ListFlags): Promise<number> {
  const filters = filtersOf(flags);
  return showView(connect(flags), flags, async (client) => {
    const { tests, isMore } = await readTests(client, filters, flags.limit);
    const more = isMore ? `only the first ${tests.length} are shown, see --limit and --filter; ` : '';
    const hint = `${more}\`qgjob tests show <test>\` tells more of one`;
    return {
      json: tests,
      lines: (width) => testTable(tests, width),
      notes: [tests.length === 0 ? noneOf(flags) : hint],
    };
  });
}

function filtersOf({ flaky, slow, files, orgId, target, q, filter }: ListFlags) {
  if (flaky && slow) throw new QgjobError('invalid', '--flaky: give it or --slow, not both');
  if (q !== undefined && filter !== undefined)
    throw new QgjobError('invalid', '--q: it is the same as --filter; give one of them');
  if (target !== undefined && !isTarget(target)) throw new QgjobError('invalid', unknownTarget(target));
  return {
    sort: flaky ? ('flaky' as const) : slow ? ('slow' as const) : ('name' as const),
    ...{ kind: files ? ('file' as const) : ('test' as const), org_id: orgId, target, q: q ?? filter },
  };
}

/** A page of the server may be shorter than asked, even empty, though others follow. */
async function readTests(client: Client, filters: ReturnType<typeof filtersOf>, limit: number) {
  const tests: Test[] = [];
  let cursor: string | undefined;
  do {
    const rest = Math.max(1, Math.min(limit - tests.length, limits.maxPageSize));
    const page = await client.call('listTests', { query: { ...filters, limit: rest, cursor } });
    tests.push(...page.tests);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && tests.length < limit);
  return { tests, isMore: cursor !== undefined };
}

function noneOf({ flaky, q, filter, target }: ListFlags): string {
  if (q !== undefined || filter !== undefined || target !== undefined) return 'no such test has run';
  return flaky ? 'no test was flaky in the last 30 days' : 'no test has run yet';
}
