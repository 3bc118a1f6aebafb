import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findChildren } from './children.ts';
import type { Clients } from './clients.ts';
import { type Evidence, readBrokenRules, type ApiState } from './evidence.ts';
import type { Setup } from './inject.ts';
import type { Lab } from './lab.ts';
import { until } from './program.ts';
import { areFinal, readAllJobs } from './read-jobs.ts';
import { readJournal } from './suite.ts';

/** From the last fault to the last verdict: backoffs of up to 20 s, calls that hang for up to 35 s. */
export const settleMs = 150_000;
/** How long a program may take to end. */
const endMs = 30_000;

/** Until every job is final and everybody who waited knows it. */
export async function settle({ lab, problems }: Setup, runs: Promise<unknown>): Promise<void> {
  let areAllBack = false;
  void runs.then(() => {
    areAllBack = true;
  });
  const look = async () => {
    const jobs = await readAllJobs(lab.client);
    return (areAllBack && areFinal(jobs)) || undefined;
  };
  await until('the end of all jobs', look, settleMs).catch((error: Error) => problems.push(error.message));
}

/** Ends the programs as a person would, and looks at what they left. */
export async function stopAll({ setup, observations, record }: Clients, testimony: ApiState): Promise<Evidence> {
  const { lab, agents, problems, publicLink } = setup;
  for (const { name, program } of agents) {
    program.signal('SIGTERM');
    await waitForEnd(name, program.ended, problems);
  }
  const leftovers = findChildren(lab.workspace);
  lab.server.signal('SIGTERM');
  await waitForEnd('the server', lab.server.ended, problems);
  for (const link of [...agents.map((rack) => rack.link), publicLink]) await link.close();
  problems.push(...readTrouble(lab));
  return {
    ...testimony,
    ...record,
    observations: observations.all(),
    journal: readJournal(lab.readWorkspace('journal')),
    leftovers,
    brokenRules: readBrokenRules(join(lab.dataDir, 'qgjob.db')),
    problems,
  };
}

async function waitForEnd(who: string, ended: Promise<unknown>, complaints: string[]): Promise<void> {
  const late = new AbortController();
  const end = await Promise.race([
    ended,
    sleep(endMs, 'nothing', { signal: late.signal }).catch(() => undefined),
  ]);
  late.abort();
  if (end !== 0) complaints.push(`${who} was asked to end and answered ${end}`);
}

/** What no fault excuses: an error that the server did not expect, or a program that broke. */
function readTrouble({ programs }: Lab): string[] {
  const isTrouble = (line: string): boolean => /"level":(?:50|60)|^\w*Error\b|^Node\.js v/.test(line);
  return programs.flatMap((program) =>
    program
      .readLog()
      .split('\n')
      .filter(isTrouble)
      .map((line) => `process ${program.pid} said: ${line}`),
  );
}
