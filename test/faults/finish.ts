import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../protocol/shapes/job.ts';
import { isFinal } from '../../protocol/states.ts';
import { readBrokenRules } from './broken-rules.ts';
import { findChildren } from './children.ts';
import type { Clients } from './clients.ts';
import { type ApiState, type Evidence, readAllJobs } from './evidence.ts';
import type { Setup } from './inject.ts';
import { until } from './program.ts';
import { readCrashes } from './read-crashes.ts';
import { readJournal } from './suite.ts';

/** Limit from the last fault to the last verdict: backoffs of up to 20 s, calls that hang for up to 35 s, and the queue. */
export const settleMsOf = (jobs: number): number => 150_000 + jobs * 500;
/** Limit for the end of a program. */
const endMs = 30_000;

/** Resolves when every job is final and every waiting client has its result. */
export async function settle(
  { lab, problems }: Setup,
  runs: Promise<unknown>,
  settleMs: number,
): Promise<void> {
  let haveAllResults = false;
  void runs.then(() => {
    haveAllResults = true;
  });
  const look = async () => {
    const jobs = await readAllJobs(lab.client);
    return (haveAllResults && areFinal(jobs)) || undefined;
  };
  await until('the end of all jobs', look, settleMs).catch((error: Error) => problems.push(error.message));
}

/** Stops the programs with SIGTERM, and reads what they left. */
export async function stopAll(
  { setup, observations, record }: Clients,
  apiState: ApiState,
): Promise<Evidence> {
  const { lab, agents, problems, publicLink } = setup;
  for (const { name, program } of agents) {
    program.signal('SIGTERM');
    await waitForEnd(name, program.ended, problems);
  }
  const leftovers = findChildren(lab.workspace);
  for (const n of lab.ports.keys()) {
    lab.serverAt(n).signal('SIGTERM');
    await waitForEnd(`server ${n + 1}`, lab.serverAt(n).ended, problems);
  }
  await lab.sqld?.kill();
  for (const link of [...agents.map((agent) => agent.link), publicLink]) await link.close();
  problems.push(...readCrashes(lab));
  return {
    ...apiState,
    ...record,
    observations: observations.all(),
    journal: readJournal(lab.readWorkspace('journal')),
    leftovers,
    brokenRules: readBrokenRules(lab.databaseFile),
    problems,
  };
}

/** True when every job is final, and there is at least one. */
const areFinal = (jobs: readonly Job[]): boolean =>
  jobs.length > 0 && jobs.every((job) => isFinal(job.status));

async function waitForEnd(who: string, ended: Promise<unknown>, problems: string[]): Promise<void> {
  const late = new AbortController();
  const end = await Promise.race([
    ended,
    sleep(endMs, 'nothing', { signal: late.signal }).catch(() => undefined),
  ]);
  late.abort();
  if (end !== 0) problems.push(`${who} got SIGTERM and ended with ${end}`);
}
