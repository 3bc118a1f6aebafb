import { Random } from '../support/random.ts';
import { suite } from './suite.ts';

export const faultKinds = [
  'server killed',
  'server restarted',
  'server stopped',
  'agent killed',
  'agent stopped',
  'agent replaced',
  'link silent',
  'link slow',
  'link reset',
  'link stranded',
] as const;
/** Where several servers share a database. */
export const sharedFaultKinds = ['link moved', 'database killed', 'database stopped'] as const;
export type FaultKind = (typeof faultKinds | typeof sharedFaultKinds)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Since the start, ms. */
  readonly atMs: number;
  /** Duration, ms. */
  readonly forMs: number;
}

export interface PlannedRun {
  readonly atMs: number;
  readonly key: string;
  readonly orgId: string;
  readonly appVersionId: string;
  readonly tests: readonly string[];
  /** `twice`: at the same time; `again`: after it was acknowledged; `impatiently`: given up at the first error. */
  readonly sent: 'once' | 'twice' | 'again' | 'impatiently';
  readonly cancel?: PlannedCancel;
}

export interface PlannedCancel {
  /** After the submit, ms; absent: as soon as the job runs. */
  readonly afterMs?: number;
  /** Index of the job in the run; absent: the whole run. */
  readonly job?: number;
}

/** Everything that a seed decides. No program and no link has two faults at the same time. */
export interface Plan {
  readonly seed: number;
  /** One list for each server. */
  readonly servers: readonly (readonly Fault[])[];
  readonly database: readonly Fault[];
  /** One list for each agent. */
  readonly agents: readonly (readonly Fault[])[];
  /** One list for each link: those of the agents, then that of the clients. */
  readonly links: readonly (readonly Fault[])[];
  readonly runs: readonly PlannedRun[];
}

export interface PlanOptions {
  readonly seed: number;
  readonly jobs: number;
  /** For how long faults are injected, ms. */
  readonly forMs: number;
  readonly ttlMs: number;
  /** Default: 1. */
  readonly servers?: number;
}

export const agentCount = 3;
export const orgs = ['acme', 'globex', 'initech'] as const;
const versions = ['v1', 'v2', 'v3'] as const;

export function makePlan(options: PlanOptions): Plan {
  const random = new Random(options.seed);
  const { servers = 1 } = options;
  const isShared = servers > 1;
  // There is more that fails, and each of it is to meet work.
  const pace = isShared ? 2 : 1;
  const each = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
  return {
    seed: options.seed,
    servers: each(servers, () => makeFaults(random, options, serverFaults, 9000 * servers)),
    agents: each(agentCount, () => makeFaults(random, options, agentFaults, 12_000 * pace)),
    links: each(agentCount + 1, () =>
      makeFaults(random, options, isShared ? movedFaults : linkFaults, 9000 * pace),
    ),
    runs: makeRuns(random, options),
    database: isShared ? makeFaults(random, options, databaseFaults, 15_000 * pace) : [],
  };
}

type Draw = (random: Random, ttlMs: number, isShort: boolean) => Omit<Fault, 'atMs'>;

const serverFaults: Draw = (random, ttlMs) => {
  const kind = random.pick(['server killed', 'server killed', 'server restarted', 'server stopped'] as const);
  return { kind, forMs: kind === 'server stopped' ? pastTtl(random, ttlMs) : downtime(random, ttlMs) };
};

const agentFaults: Draw = (random, ttlMs) => {
  const kind = random.pick(['agent killed', 'agent killed', 'agent stopped', 'agent replaced'] as const);
  return { kind, forMs: kind === 'agent killed' ? downtime(random, ttlMs) : pastTtl(random, ttlMs) };
};

/** A long poll notices a stranded connection after 35 s, which is too long for a short run. */
const linkFaults: Draw = (random, ttlMs, isShort) => {
  const kinds = ['link silent', 'link slow', 'link reset', 'link stranded'] as const;
  const kind = random.pick(isShort ? kinds.slice(0, 3) : kinds);
  return { kind, forMs: kind === 'link stranded' ? 0 : random.between(200, ttlMs * 1.7) };
};

/** The servers wait 8 s for a database that stands still. */
const databaseFaults: Draw = (random, ttlMs) =>
  random.next() < 0.5
    ? { kind: 'database killed', forMs: downtime(random, ttlMs) }
    : { kind: 'database stopped', forMs: random.pick([500, 2000, 10_000]) };

const movedFaults: Draw = (random, ttlMs, isShort) =>
  random.next() < 0.4 ? { kind: 'link moved', forMs: 0 } : linkFaults(random, ttlMs, isShort);

const pastTtl = (random: Random, ttlMs: number): number => random.between(Math.round(ttlMs * 1.1), ttlMs * 2);

/** Mostly short, sometimes longer than a lease lives. */
const downtime = (random: Random, ttlMs: number): number =>
  random.next() < 0.7 ? random.between(0, ttlMs / 3) : pastTtl(random, ttlMs);

/** One after the other, with a mean gap of `gapMs`. */
function makeFaults(random: Random, { forMs, ttlMs }: PlanOptions, draw: Draw, gapMs: number): Fault[] {
  const faults: Fault[] = [];
  let atMs = random.between(500, gapMs);
  while (atMs < forMs) {
    const fault = { atMs, ...draw(random, ttlMs, forMs < 60_000) };
    faults.push(fault);
    atMs += fault.forMs + random.between(gapMs / 2, gapMs * 1.5);
  }
  return faults;
}

/** Runs of a few jobs each, in the first nine tenths of the time, so that the last ones meet faults too. */
function makeRuns(random: Random, { seed, jobs, forMs }: PlanOptions): PlannedRun[] {
  const runs: PlannedRun[] = [];
  let left = jobs;
  while (left > 0) {
    const size = Math.min(left, random.between(1, 12));
    left -= size;
    runs.push(makeRun(random, `${seed}-${runs.length}`, size, random.between(0, forMs * 0.9)));
  }
  return runs;
}

function makeRun(random: Random, key: string, size: number, atMs: number): PlannedRun {
  return {
    atMs,
    key,
    orgId: random.pick(orgs),
    appVersionId: random.pick(versions),
    tests: random.sample(suite, size).map(({ path }) => path),
    sent: random.pick(['once', 'once', 'twice', 'again', 'impatiently']),
    ...(random.next() < 0.4 && { cancel: makeCancel(random, size) }),
  };
}

function makeCancel(random: Random, size: number): PlannedCancel {
  const how = random.next();
  if (how < 0.2) return { afterMs: random.between(0, 5000) };
  const job = random.between(0, size - 1);
  return how < 0.5 ? { afterMs: random.between(0, 5000), job } : { job };
}

/** How often each kind of fault occurs. */
export function countFaults({ servers, database, agents, links }: Plan): Map<FaultKind, number> {
  const kinds = servers.length > 1 ? [...faultKinds, ...sharedFaultKinds] : faultKinds;
  const counts = new Map<FaultKind, number>(kinds.map((kind) => [kind, 0]));
  for (const { kind } of [...servers, database, ...agents, ...links].flat())
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
