import { jobStatuses } from '../../../protocol/states.ts';
import {
  cancelRun,
  compareRuns,
  explainJob,
  findRun,
  listRunJobs,
  readTimeline,
  retryRun,
} from '../../queue/runs/index.ts';
import { toRun } from '../../queue/store/to-wire.ts';
import type { Action, Page, PageCall, WebDeps } from '../page.ts';
import { titleOf } from '../parts/run-title.ts';
import { readKey } from '../read-key.ts';
import { readChoice, readNumber } from '../read-query.ts';
import { Compared } from './run/compared.tsx';
import { RunHead } from './run/head.tsx';
import { jobsPerPage, Tests } from './run/tests.tsx';
import { Timeline } from './run/timeline.tsx';
import { WhyWaits } from './run/why-waits.tsx';

export const testFilters = [...jobStatuses, 'flaky', 'new', 'known'] as const;

/** One run: how it goes, its tests, where the time went, what is other than in the run before. */
export const runPage: Page = {
  path: '/runs/:id',
  scope: 'read',
  async show(deps, call) {
    const shown = await read(deps, call);
    const { run } = shown;
    return {
      title: `${run.status}: ${titleOf(run)}`,
      section: 'runs',
      live: { runId: run.run_id },
      body: (
        <>
          <RunHead run={run} mayChange={call.may('submit')} />
          <WhyWaits job={shown.waits} why={shown.why} />
          <Compared run={run} compared={shown.compared} />
          <Tests {...shown} />
          <Timeline run={run} lanes={shown.lanes} />
        </>
      ),
    };
  },
};

/** What a page of a run reads; each read of it is bounded, whatever the size of the run. */
async function read({ queue }: WebDeps, call: PageCall) {
  const row = await findRun(queue, call.param('id'), call.owner);
  const show = readChoice(call, 'show', testFilters);
  const text = call.query('q');
  const offset = readNumber(call, 'offset', { most: 1_000_000 }) ?? 0;
  const { jobs, isMore } = await listRunJobs(queue, row, { show, text, offset, limit: jobsPerPage });
  const waits = jobs.find(({ job }) => job.status === 'queued' || job.status === 'waiting')?.job;
  return {
    run: toRun(row, queue.settings.publicUrl),
    ...{ jobs, isMore, show, text, offset, waits },
    why: waits && (await explainJob(queue, waits.id, call.owner)),
    compared: await compareRuns(queue, row),
    lanes: await readTimeline(queue, row.id),
  };
}

export const cancelRunAction: Action = {
  path: '/runs/:id/cancel',
  scope: 'submit',
  async act({ queue }, call) {
    await cancelRun(queue, call.param('id'), call.owner);
    return `/runs/${call.param('id')}`;
  },
};

export const retryRunAction: Action = {
  path: '/runs/:id/retry',
  scope: 'submit',
  async act({ queue }, call) {
    const only = call.field('only') === 'all' ? 'all' : 'failed';
    const input = { id: call.param('id'), only, idempotencyKey: readKey(call), by: call.by } as const;
    const { run } = await retryRun(queue, input, call.owner);
    return `/runs/${run.run_id}`;
  },
};
