import * as core from '@actions/core';
import { readEarlierPasses } from '../../client/earlier-passes.ts';
import type { Client } from '../../client/index.ts';
import type { BodyOf } from '../../protocol/contracts.ts';
import { cleanLine } from '../../report/clean-lines.ts';
import type { Followed } from './follow-run.ts';

/**
 * Adds what passed in an earlier attempt of the workflow and did not run again. It is for people: where it cannot be read, the
 * result is the same.
 */
export async function readEarlier(
  client: Client,
  followed: Followed,
  { tests, targets = [] }: BodyOf<'submitRun'>,
  stop: AbortSignal,
): Promise<Followed> {
  const { record, ending } = followed;
  const isOver = ending === 'final' || ending === 'timed_out';
  if (!isOver || record.run.passed_before === 0) return followed;
  const wanted = targets.flatMap((target) => tests.map((test_path) => ({ test_path, target })));
  try {
    return {
      ...followed,
      record: { ...record, earlier: await readEarlierPasses(client, record, wanted, stop) },
    };
  } catch (error) {
    const why = stop.aborted ? 'the workflow was cancelled' : cleanLine((error as Error).message);
    core.info(`What passed in an earlier attempt could not be read: ${why}`);
    return followed;
  }
}
