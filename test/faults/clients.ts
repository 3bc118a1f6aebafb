import { setTimeout as sleep } from 'node:timers/promises';
import { createAgentClient } from '../../client/agent-client.ts';
import { type Client, waitForRun } from '../../client/index.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { RunStatus } from '../../protocol/states.ts';
import { cancelJob, cancelRun } from './cancel.ts';
import type { Setup } from './inject.ts';
import type { PlannedRun } from './plan.ts';
import type { Observations } from './sightings.ts';
import { sendSubmits } from './play-run.ts';

/** What an answered submit said. */
export interface Ack {
  readonly runId: string;
  readonly jobIds: readonly string[];
}

/** A submit as its sender saw it. */
export interface Submit {
  readonly key: string;
  readonly tests: readonly string[];
  /** One for each call that was answered. */
  readonly acks: Ack[];
  /** What the waiting client answered in the end. */
  waited?: { readonly status: RunStatus; readonly jobs: readonly Job[] };
}

/** What the people who submit and cancel remember. */
export interface ClientRecord {
  readonly submits: Submit[];
  /** Cancelled jobs, as the answers showed them. */
  readonly cancels: Job[];
}

export interface Clients {
  readonly setup: Setup;
  readonly observations: Observations;
  /** By org. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly record: ClientRecord;
  /** Aborted when nobody waits any more. */
  readonly over: AbortSignal;
}

/** A call that hangs is sent again after this long: the first one may have been carried out all the same. */
export const callMs = 4000;
/** Longer than faults in a row and a busy host can take together. */
const retryForMs = 120_000;

/** Sends the run at its moment, waits for its end, and cancels what is planned to be. */
export async function playRun(crowd: Clients, planned: PlannedRun): Promise<void> {
  const { setup, tokens, record } = crowd;
  await sleep(Math.max(0, setup.began + planned.atMs - performance.now()));
  const endpoint = { url: setup.publicLink.url, token: tokens.get(planned.orgId) };
  const client = createAgentClient(endpoint, { forMs: retryForMs });
  const submit: Submit = { key: planned.key, tests: planned.tests, acks: [] };
  record.submits.push(submit);
  await sendSubmits(crowd, client, planned, submit);
  const [ack] = submit.acks;
  if (ack) await Promise.all([waitForEnd(crowd, client, ack, submit), cancel(crowd, client, ack, planned)]);
}

async function waitForEnd(crowd: Clients, client: Client, { runId }: Ack, submit: Submit): Promise<void> {
  try {
    const { run, jobs } = await waitForRun(client, runId, {
      signal: crowd.over,
      onChange: (_view, changed) => crowd.observations.add(changed),
    });
    submit.waited = { status: run.status, jobs: [...jobs.values()] };
  } catch (error) {
    crowd.setup.problems.push(`the wait for run ${runId} failed: ${(error as Error).message}`);
  }
}

async function cancel(crowd: Clients, client: Client, ack: Ack, { cancel }: PlannedRun): Promise<void> {
  if (cancel?.afterMs !== undefined) await sleep(cancel.afterMs);
  if (cancel?.job !== undefined) {
    await cancelJob(crowd, client, ack.jobIds[cancel.job] ?? '', cancel.afterMs === undefined);
  } else if (cancel) await cancelRun(crowd, client, ack.runId);
}
