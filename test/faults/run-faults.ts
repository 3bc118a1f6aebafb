import { setTimeout as sleep } from 'node:timers/promises';
import { check } from './check.ts';
import { type Clients, playRun } from './clients.ts';
import { type Evidence, readApiState } from './evidence.ts';
import { stopAll, settle, settleMs } from './finish.ts';
import { injectFaults, type RunningAgent, type Setup } from './inject.ts';
import { Lab } from './lab.ts';
import { Link } from './link.ts';
import { agentCount, makePlan, type Plan } from './plan.ts';
import { readAllJobs, watchJobs } from './read-jobs.ts';
import { Observations } from './sightings.ts';
import { suiteFiles } from './suite.ts';

export interface FaultsOptions {
  readonly seed: number;
  readonly jobs: number;
  /** How long faults come, ms. */
  readonly forMs: number;
  /** One line of progress. */
  readonly say: (line: string) => void;
  /** Ends it before its time. */
  readonly stop?: AbortSignal;
}

export interface FaultsResult {
  readonly plan: Plan;
  readonly evidence: Evidence;
  /** Promises that were not kept; the folder is still there where there are any. */
  readonly violations: readonly string[];
  readonly folder: string;
  readonly tookMs: number;
}

const ttlMs = 3000;

/**
 * Plans a run of the faults, carries it out, and judges what came of it. Throws when it could not be carried out; the
 * folder is then in the message.
 */
export async function runFaults({ seed, jobs, forMs, say, stop }: FaultsOptions): Promise<FaultsResult> {
  const plan = makePlan({ seed, jobs, forMs, ttlMs });
  const lab = await Lab.open({
    files: suiteFiles,
    server: { QGJOB_LEASE_TTL_MS: String(ttlMs), QGJOB_HEARTBEAT_MS: '500' },
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

async function collectEvidence(lab: Lab, plan: Plan, began: number, say: (line: string) => void): Promise<Evidence> {
  const scene = await openSetup(lab, began);
  const over = new AbortController();
  const crowd: Clients = {
    setup,
    observations: new Observations(),
    tokens: await makeTokens(lab),
    record: { submits: [], cancels: [] },
    over: over.signal,
  };
  const runs = Promise.all(plan.runs.map((planned) => playRun(crowd, planned)));
  const watching = watchJobs(crowd);
  const talking = reportProgress(lab, over.signal, began, say);
  await injectFaults(scene, plan);
  say(`${seconds(began)} the faults are over; everything has ${settleMs / 1000} s to settle`);
  await settle(scene, runs);
  const testimony = await readApiState(lab.client);
  crowd.observations.add(await readAllJobs(lab.client));
  over.abort();
  await Promise.all([runs, watching, talking]);
  return stopAll(crowd, testimony);
}

async function openSetup(lab: Lab, began: number): Promise<Setup> {
  const racks = await Promise.all(
    Array.from({ length: agentCount }, async (_, n): Promise<RunningAgent> => {
      const link = await Link.open(lab.port);
      const name = `rack-${n + 1}`;
      return { name, link, program: lab.startAgent(name, link.url) };
    }),
  );
  return { lab, agents, publicLink: await Link.open(lab.port), began, problems: [] };
}

async function makeTokens(lab: Lab): Promise<Map<string, string>> {
  const tokens = new Map<string, string>();
  for (const orgId of ['acme', 'globex', 'initech']) {
    await lab.client.call('createOrg', { body: { org_id: orgId } });
    const body = { name: 'submitter', org_id: orgId, scopes: ['submit' as const] };
    tokens.set(orgId, (await lab.client.call('createToken', { body })).token);
  }
  return tokens;
}

async function reportProgress(lab: Lab, over: AbortSignal, began: number, say: (line: string) => void): Promise<void> {
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
