import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../client/index.ts';
import { Lab } from '../faults/lab.ts';
import { Link } from '../faults/link.ts';
import { Random } from '../support/random.ts';
import { Ledger } from './ledger.ts';
import { orgs, type SoakOptions, shiftMs } from './options.ts';

/** Tokens of an org. The agents of the last org's jobs are shared ones. */
export interface OrgTokens {
  readonly submit: string;
  readonly agent: string;
}

/** What all parts of a soak share. */
export interface Soak {
  readonly options: SoakOptions;
  readonly lab: Lab;
  readonly ledger: Ledger;
  readonly tokens: ReadonlyMap<string, OrgTokens>;
  /** Ways to the server on which faults are injected. */
  readonly links: readonly Link[];
  /** When it began, monotonic ms. */
  readonly began: number;
  /** Aborted when no work is left, or at an interrupt. */
  readonly over: AbortSignal;
  /** When a run was submitted, monotonic ms, until its first job is leased. */
  readonly submittedAt: Map<string, number>;
  /** The runs whose end their clients wait for, by id. */
  readonly following: Set<string>;
  /** When the submits were sent that have no answer yet, monotonic ms. */
  readonly sending: Set<{ readonly at: number }>;
  /** True while a night waits for them: nothing more is submitted. */
  isEvening: boolean;
}

const linkCount = 6;
const probe = join(import.meta.dirname, 'server-probe.cjs');
const shiftClock = join(import.meta.dirname, '../support/shift-clock.cjs');

/** A lab whose server lives a day later at each start. Pass the environment to `dayOf` before a start. */
export async function openLab(options: SoakOptions, env: Record<string, string>): Promise<Lab> {
  const modules = [shiftClock, probe, ...(options.preload ? [options.preload] : [])];
  Object.assign(env, {
    NODE_OPTIONS: modules.map((path) => `--require=${path}`).join(' '),
    // A collection takes a tenth of a second, in which nothing else runs.
    QGJOB_SOAK_COLLECT_MS: String(options.sampleSeconds * 1000),
    QGJOB_RETENTION_DAYS: '1',
    QGJOB_LEASE_TTL_MS: String(options.leaseTtlMs),
    QGJOB_HEARTBEAT_MS: String(Math.round(options.leaseTtlMs / 3)),
    ...dayOf(options, 0),
  });
  // Servers start in the folder of these files.
  return Lab.open({ files: { 'soak.txt': '' }, server: env });
}

/** The part of the server's environment that says in which life it is. */
export const dayOf = (options: SoakOptions, life: number): Record<string, string> => ({
  QGJOB_TEST_SHIFT_MS: String(Math.round(shiftMs(options, life))),
});

/** Makes orgs, tokens and links. */
export async function openSoak(options: SoakOptions, lab: Lab, over: AbortSignal): Promise<Soak> {
  const links = await Promise.all(Array.from({ length: linkCount }, () => Link.open(lab.ports)));
  const tokens = new Map<string, OrgTokens>();
  for (const orgId of orgs) tokens.set(orgId, await makeTokens(lab, orgId));
  const shared = {
    ledger: new Ledger(),
    submittedAt: new Map<string, number>(),
    following: new Set<string>(),
    sending: new Set<{ at: number }>(),
    isEvening: false,
  };
  return { ...shared, options, lab, tokens, links, began: performance.now(), over };
}

async function makeTokens(lab: Lab, orgId: (typeof orgs)[number]): Promise<OrgTokens> {
  await lab.client.call('createOrg', { body: { org_id: orgId } });
  const owner = orgId === orgs.at(-1) ? { shared: true } : { org_id: orgId };
  const submit = { name: `${orgId}-ci`, org_id: orgId, scopes: ['submit' as const, 'read' as const] };
  const agent = { name: `${orgId}-rack`, ...owner, scopes: ['agent' as const], agent_names: '*' };
  return {
    submit: (await lab.client.call('createToken', { body: submit })).token,
    agent: (await lab.client.call('createToken', { body: agent })).token,
  };
}

/** How much of the soak is over, from 0 to 1: of its jobs, where it is for a number of jobs, else of its time. */
export function progressOf({ options, ledger, began }: Soak): number {
  const { jobs, seconds } = options;
  if (jobs === undefined) return Math.min(1, (performance.now() - began) / 1000 / seconds);
  return Math.min(1, ledger.closedJobs / jobs);
}

/** The way to the server of the n-th client: for a third of them through a link. */
export const wayOf = ({ lab, links }: Soak, n: number): string =>
  (n % 3 === 0 && links[(n / 3) % links.length]?.url) || lab.url;

/** How clients and agents try again while the server is away. */
export const patient = { forMs: 180_000, firstDelayMs: 50 } as const;

/**
 * The same client with a limit for each answer: a connection that is silent for ever must not keep its caller. Its calls are
 * counted.
 */
export const withLimit = (client: Client, soak: Soak): Client => ({
  ...client,
  call: (name, input) => {
    soak.ledger.calls += 1;
    return client.call(name, { timeoutMs: soak.options.answerMs, ...input });
  },
  as: (token) => withLimit(client.as(token), soak),
  with: (rule) => withLimit(client.with(rule), soak),
});

/** Numbers for one actor: the same in each soak with this seed, whatever the others do. */
export const randomFor = ({ options }: Soak, actor: number): Random =>
  new Random(options.seed * 65_537 + actor);

/** Memory after a collection, as server-probe.cjs writes it, in bytes. */
interface Memory {
  readonly pid: number;
  readonly heapUsed: number;
  readonly external: number;
}

/** Undefined: nothing was written yet. */
export function readMemory({ dataDir }: Lab): Memory | undefined {
  try {
    return JSON.parse(readFileSync(`${dataDir}.memory.json`, 'utf8'));
  } catch {
    return undefined;
  }
}
