import type { DatabaseSync } from 'node:sqlite';
import type { Told } from './ledger.ts';
import type { Soak } from './soak-lab.ts';

const statuses = ['passed', 'failed', 'errored', 'cancelled'] as const;

/** What was acknowledged, what clients were told of its end, and what the server summed up from its events are one. */
export function auditFigures({ ledger }: Soak, database: DatabaseSync): string[] {
  return [...ledger.acknowledged].flatMap(([orgId, acknowledged]) => {
    const told = ledger.told.get(orgId);
    const unknown = [...ledger.unknown].filter((one) => one.orgId === orgId).map(({ jobs }) => jobs);
    const sums = readFigures(database, orgId);
    const differ = (what: string, a: number | undefined, b: number | undefined): string[] =>
      a === b ? [] : [`${orgId}: ${what}: ${a} and ${b}`];
    return [
      ...differ('runs acknowledged and ended', acknowledged.runs, told?.runs),
      ...differ('jobs acknowledged and final', acknowledged.jobs, told?.jobs),
      ...auditSums(told, sums, unknown).map((words) => `${orgId}: ${words}`),
    ];
  });
}

/**
 * What the server summed up is what clients were told. Submits without an answer (`unknown`: the jobs of each) may have made
 * runs beside: then it is exactly as many jobs more as some of them have.
 */
export function auditSums(told: Told | undefined, sums: Sums, unknown: readonly number[]): string[] {
  const more = (what: (typeof statuses)[number] | 'runs' | 'flaky'): number =>
    (sums[what] ?? 0) - (told?.[what] ?? 0);
  const moreJobs = statuses.reduce((sum, status) => sum + more(status), 0);
  const possible = sizesOf(unknown).some(({ runs, jobs }) => runs === more('runs') && jobs === moreJobs);
  const differing = (['runs', ...statuses, 'flaky'] as const).filter(
    // Runs that nobody knows add to a figure, and take nothing away.
    (what) => (moreJobs === 0 ? more(what) !== 0 : more(what) < 0),
  );
  return [
    ...(possible
      ? []
      : [`${more('runs')} runs with ${moreJobs} jobs more are summed up than clients know of`]),
    ...differing.map(
      (what) =>
        `${what} as clients were told, and as the server sums up: ${told?.[what] ?? 0} and ${sums[what] ?? 0}`,
    ),
  ];
}

/** How many runs and jobs there can be of submits without an answer: those of any part of them. */
function sizesOf(unknown: readonly number[]): readonly { runs: number; jobs: number }[] {
  const sizes = new Map([['0/0', { runs: 0, jobs: 0 }]]);
  for (const size of unknown)
    for (const { runs, jobs } of [...sizes.values()])
      sizes.set(`${runs + 1}/${jobs + size}`, { runs: runs + 1, jobs: jobs + size });
  return [...sizes.values()];
}

/**
 * Each good install is one of a run that has ended. Reports that agents got no answer to may have been noted; and one for a
 * run whose jobs were all cancelled meanwhile comes after its end, and is not summed up any more.
 */
export function auditInstalls({ ledger }: Soak, database: DatabaseSync): string[] {
  const { sent, answered } = ledger.installs;
  const all = [...ledger.acknowledged.keys()].map((orgId) => readFigures(database, orgId));
  const sum = (what: 'installs' | 'cancelled'): number =>
    all.reduce((total, sums) => total + (sums[what] ?? 0), 0);
  const installs = sum('installs');
  return installs <= sent && installs >= answered - sum('cancelled')
    ? []
    : [`installs: ${installs} are summed up; of ${sent} reports ${answered} were taken`];
}

type Sums = Partial<Told> & { readonly installs?: number };

/** The sums by hour, which outlive the runs. */
function readFigures(database: DatabaseSync, orgId: string): Sums {
  const rows = database.prepare('SELECT sums FROM figures WHERE span = 60 AND org_id = ?').all(orgId);
  const total: Record<string, number> = {};
  for (const { sums } of rows)
    for (const [name, value] of Object.entries(JSON.parse(String(sums))))
      if (typeof value === 'number') total[name] = (total[name] ?? 0) + value;
  return total;
}
