import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../client/index.ts';
import { check } from './check.ts';
import { type Clients, Observations } from './clients.ts';
import { type Evidence, readAllJobs, readApiState } from './evidence.ts';
import { settle, settleMsOf, stopAll } from './finish.ts';
import { injectFaults, type RunningAgent, type Setup } from './inject.ts';
import { Lab, shortLease } from './lab.ts';
import { Link } from './link.ts';
import { agentCount, makePlan, orgs, type Plan } from './plan.ts';
import { playRun } from './play-run.ts';
import { suiteFiles } from './suite.ts';

export interface FaultsOptions {
  readonly seed: number;
  readonly jobs: number;
  /** For how long faults are injected, ms. */
  readonly forMs: number;
  /** How many servers; more than one share a libSQL server. Default: 1. */
  readonly servers?: number;
  /** Prints one line of progress. */
  readonly say: (line: string) => void;
  /** Interrupts the run. */
  readonly stop?: AbortSignal;
}

export interface FaultsResult {
  readonly plan: Plan;
  readonly evidence: Evidence;
  /** Broken promises. The folder is kept if there are any. */
  readonly violations: readonly string[];
  readonly folder: string;
  readonly tookMs: number;
}

/**
 * Makes a plan from the seed, runs it, and checks the evidence. Throws if the run could not be completed; the message
 * then names the folder.
 */
export async function runFaults({
  seed,
  jobs,
  forMs,
  servers = 1,
  say,
  stop,
}: FaultsOptions): Promise<FaultsResult> {
  const plan = makePlan({ seed, jobs, forMs, ttlMs: shortLease.ttlMs, servers });
  const lab = await Lab.open({
    ...{ files: suiteFiles, servers },
    server: shortLease.env,
  });
  const { folder } = lab;
  let isGood = false;
  try {
    const began = performance.now();
    const evidence = await Promise.race([collectEvidence(lab, plan, began, say), whenAborted(stop)]);
    const violations = check(evidence);
    isGood = violations.length === 0;
    return { plan, evidence, violations, folder, tookMs: performance.now() - began };
  } catch (error) {
    throw new Error(`${(error as Error).message}; what is left is in ${folder}`, { cause: error });
  } finally {
    await lab.close({ keep: !isGood });
  }
}

function whenAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) =>
    signal?.addEventListener('abort', () => reject(new Error('interrupted'))),
  );
}

async function collectEvidence(
  lab: Lab,
  plan: Plan,
  began: number,
  say: (line: string) => void,
): Promise<Evidence> {
  const setup = await openSetup(lab, began);
  const over = new AbortController();
  const clients: Clients = {
    setup,
    observations: new Observations(),
    tokens: await makeTokens(lab),
    record: { submits: [], cancels: [] },
    over: over.signal,
  };
  const runs = Promise.all(plan.runs.map((planned) => playRun(clients, planned)));
  const watching = watchJobs(clients);
  const reporting = reportProgress(lab, over.signal, began, say);
  await injectFaults(setup, plan);
  const settleMs = settleMsOf(plan.runs.reduce((sum, { tests }) => sum + tests.length, 0));
  say(`${seconds(began)} the faults are over; everything has ${settleMs / 1000} s to settle`);
  await settle(setup, runs, settleMs);
  const apiState = await readApiState(lab.client);
  clients.observations.add(await readAllJobs(lab.client));
  over.abort();
  await Promise.all([runs, watching, reporting]);
  return stopAll(clients, apiState);
}

const watchEveryMs = 500;

/** Reads all jobs directly from the server, again and again until the end. */
async function watchJobs({ setup, observations, over }: Clients): Promise<void> {
  const client = createClient({ url: setup.lab.url, token: setup.lab.token }, { forMs: 0 });
  while (!over.aborted) {
    // Nothing can be read while the server is away.
    const jobs = await readAllJobs(client).catch(() => []);
    observations.add(jobs);
    await sleep(watchEveryMs, undefined, { signal: over }).catch(() => undefined);
  }
}

async function openSetup(lab: Lab, began: number): Promise<Setup> {
  const agents = await Promise.all(
    Array.from({ length: agentCount }, async (_, n): Promise<RunningAgent> => {
      const link = await Link.open(rotated(lab.ports, n));
      const name = `rack-${n + 1}`;
      return { name, link, program: lab.startAgent(name, link.url) };
    }),
  );
  return { lab, agents, publicLink: await Link.open(lab.ports), began, problems: [] };
}

const rotated = (ports: readonly number[], by: number): number[] => [
  ...ports.slice(by % ports.length),
  ...ports.slice(0, by % ports.length),
];

async function makeTokens(lab: Lab): Promise<Map<string, string>> {
  const tokens = new Map<string, string>();
  for (const orgId of orgs) {
    await lab.client.call('createOrg', { body: { org_id: orgId } });
    const body = { name: 'submitter', org_id: orgId, scopes: ['submit' as const] };
    tokens.set(orgId, (await lab.client.call('createToken', { body })).token);
  }
  return tokens;
}

async function reportProgress(
  lab: Lab,
  over: AbortSignal,
  began: number,
  say: (line: string) => void,
): Promise<void> {
  while (!over.aborted) {
    await sleep(10_000, undefined, { signal: over }).catch(() => undefined);
    const stats = await lab.client
      .with({ forMs: 0 })
      .call('getStats', { query: {}, timeoutMs: 2000 })
      .catch(() => undefined);
    if (over.aborted) return;
    const counts = Object.entries(stats?.jobs ?? {}).filter(([, n]) => n > 0);
    say(`${seconds(began)} ${counts.map(([word, n]) => `${n} ${word}`).join(', ') || 'the server is away'}`);
  }
}

const seconds = (began: number): string => `${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s`;
