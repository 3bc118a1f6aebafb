import type { Attempt, Job } from '../../../protocol/shapes/job.ts';
import { isFinal } from '../../../protocol/states.ts';
import { listArtifacts } from '../../queue/attempts/index.ts';
import { evidencePrunedAt } from '../../queue/retention/index.ts';
import { cancelJob, explainJob, namesOfDevices, retryJob } from '../../queue/runs/index.ts';
import { readAttempts, readJob } from '../../queue/store/read-job.ts';
import type { LogRef } from '../log/log-window.ts';
import type { Action, Page, PageCall, WebDeps } from '../page.ts';
import { plain } from '../parts/plain.ts';
import { readKey } from '../read-key.ts';
import { readNumber } from '../read-query.ts';
import { Attempts } from './job/attempts.tsx';
import { Files } from './job/files.tsx';
import { JobHead } from './job/head.tsx';
import { LogCard } from './job/log-card.tsx';
import { readLog } from './job/read-log.ts';
import { Results } from './job/results.tsx';
import { WhyWaits } from './run/why-waits.tsx';

const mostFiles = 500;

/** One job: how it went, attempt by attempt; its log, and what its test left. */
export const jobPage: Page = {
  path: '/jobs/:id',
  scope: 'read',
  async show(deps, call) {
    const shown = await read(deps, call);
    const { job } = shown;
    const waits = { testPath: job.test_path, target: job.target };
    return {
      title: `${job.status}: ${plain(job.test_path, 80)}`,
      section: 'runs',
      live: { jobId: job.job_id },
      body: (
        <>
          <JobHead job={job} mayChange={call.may('submit')} />
          <WhyWaits job={waits} why={shown.why} />
          <Attempts {...shown} />
          <Results job={job} />
          <Files files={shown.files} attempt={shown.attempt} prunedAt={shown.prunedAt} />
          {shown.log && <LogCard {...shown} log={shown.log} />}
        </>
      ),
    };
  },
};

async function read({ queue, logs }: WebDeps, call: PageCall) {
  const id = call.param('id');
  const job = await readJob(queue, id, call.owner);
  const attempts = await readAttempts(queue, id, call.owner);
  const attempt = readNumber(call, 'attempt', { least: 1, most: 1000 }) ?? Math.max(1, job.attempt);
  const { artifacts } = await listArtifacts(queue, id, { limit: mostFiles }, call.owner);
  const log: LogRef = { logs, jobId: id, attempt, isOpen: isLogOpen(job, attempts, attempt) };
  return {
    ...{ job, attempts, attempt },
    devices: await namesOfDevices(
      queue,
      attempts.map(({ device_id: device }) => device),
    ),
    why:
      isFinal(job.status) || job.status === 'running' ? undefined : await explainJob(queue, id, call.owner),
    files: artifacts.filter((file) => file.attempt === attempt),
    prunedAt: await evidencePrunedAt(queue, job.run_id),
    // It grows by a script of its own: to read it again at each event is much work for nothing.
    log: call.isRefresh ? undefined : await readLog(log, call),
  };
}

/** Whether more of the log may come: late bytes of an attempt that has ended come with the next look at the page. */
export const isLogOpen = (job: Job, attempts: readonly Attempt[], attempt: number): boolean =>
  attempts.some((one) => one.attempt === attempt && one.verdict === null) ||
  (!isFinal(job.status) && attempt > job.attempt);

export const cancelJobAction: Action = {
  path: '/jobs/:id/cancel',
  scope: 'submit',
  async act({ queue }, call) {
    await cancelJob(queue, call.param('id'), call.owner);
    return `/jobs/${call.param('id')}`;
  },
};

export const retryJobAction: Action = {
  path: '/jobs/:id/retry',
  scope: 'submit',
  async act({ queue }, call) {
    const input = { id: call.param('id'), idempotencyKey: readKey(call), by: call.by };
    const { run } = await retryJob(queue, input, call.owner);
    return `/runs/${run.run_id}`;
  },
};
