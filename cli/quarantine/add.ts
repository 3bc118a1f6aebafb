import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { lanes } from '../../protocol/states.ts';
import { now } from '../clock.ts';
import { connect } from '../connect.ts';
import { print, printJson } from '../output/print.ts';
import { findTestId } from '../tests/find-test.ts';
import type { WhichTest } from '../tests/test-flags.ts';
import { nameOf } from '../tests/test-table.ts';
import { describeQuarantine } from './describe-quarantine.ts';
import { type EndFlags, endOfFlags } from './end-of-flags.ts';

/** The lanes as flags write them. */
export const laneFlags = {
  'pull-request': 'pull_request',
  'merge-queue': 'merge_queue',
} as const satisfies Record<string, (typeof lanes)[number]>;

export interface AddFlags extends WhichTest, EndFlags {
  readonly owner: string;
  readonly lane?: keyof typeof laneFlags;
  readonly reason?: string;
  readonly json?: true;
}

/** Puts a test into quarantine and prints it. Errors: `invalid`, `not_found`, `forbidden`. */
export async function addQuarantine(named: string, flags: AddFlags): Promise<void> {
  const endsAt = endOfFlags(flags, now());
  const client = connect(flags);
  const testId = await findTestId(client, named, flags);
  const reason = flags.reason ?? (await reasonOf(client, testId));
  const body = {
    ...{ test_id: testId, owner: flags.owner, reason, ends_at: endsAt },
    ...(flags.lane !== undefined && { lanes: [laneFlags[flags.lane]] }),
  };
  const made = await client.call('addQuarantine', { body });
  if (flags.json) return printJson(made);
  for (const line of [nameOf(made), ...describeQuarantine(made)]) print(line);
}

/** What the ledger knows of it. Errors: `invalid` where it was never flaky: then only a person knows why. */
async function reasonOf(client: Client, id: string): Promise<string> {
  const { jobs } = await client.call('getTest', { params: { id } });
  if (jobs.flaky > 0) return `flaky in ${jobs.flaky} of ${jobs.flaky + jobs.passed} jobs`;
  throw new QgjobError('invalid', 'the test was not flaky in the last 30 days: say why by --reason=<text>');
}
