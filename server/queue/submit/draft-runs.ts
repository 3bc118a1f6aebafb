import type { Row } from '@libsql/client';
import type { Deps } from '../store/deps.ts';
import { estimateJobs } from './estimate-jobs.ts';
import { batchesOf } from './new-batches.ts';
import { type CheckedSubmit, type NewRun, newRun, type Submit } from './new-run.ts';
import { type Places, readPlaces } from './rank-runs.ts';

/** The runs that submits would store, with estimates, and what the ranks of their batches depend on. */
export interface Drafts {
  readonly runs: ReadonlyMap<Submit, { readonly run: NewRun; readonly rows: readonly Row[] }>;
  readonly clocks: Places['clocks'];
}

/** Reads it before it is known which submits are stored, so that all reads of a submit share a round trip. */
export async function draftRuns(deps: Deps, submits: readonly Submit[]): Promise<Drafts> {
  const bare = submits.map((submit) => newRun(deps, submit));
  const [made, { rows, clocks }] = await Promise.all([estimateJobs(deps, bare), readPlaces(deps, bare)]);
  let next = 0;
  const runs = made.map((run, index) => {
    const first = next;
    next += batchesOf(run).length;
    return [submits[index] as Submit, { run, rows: rows.slice(first, next) }] as const;
  });
  return { runs: new Map(runs), clocks };
}

/** What is stored of these submits. */
export function chosenOf({ runs, clocks }: Drafts, checked: readonly CheckedSubmit[]) {
  const chosen = checked.flatMap(({ submit, neverOffered }) => {
    const draft = runs.get(submit);
    // A submit with a queue timeout of its own waits for that long.
    const waitsShort = submit.input.body.queue_timeout_ms === undefined;
    return draft ? [{ ...draft, run: { ...draft.run, neverOffered: waitsShort ? neverOffered : [] } }] : [];
  });
  return {
    made: chosen.map(({ run }) => run),
    places: { rows: chosen.flatMap(({ rows }) => rows), clocks },
  };
}
