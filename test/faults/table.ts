import { countLate } from './check-journal.ts';
import { countFaults } from './plan.ts';
import type { FaultsResult } from './run-faults.ts';

/** What happened, as two columns. */
export function summary({ plan, evidence, tookMs }: FaultsResult): string {
  const { jobs, submits, cancels, attempts, devices } = evidence;
  const all = Object.values(attempts).flat();
  const sent = submits.flatMap(({ acks }) => acks).length;
  const rows: [string, string | number][] = [
    ['seed', plan.seed],
    ['duration', `${(tookMs / 1000).toFixed(0)} s`],
    ...countFaults(plan),
    ['runs acknowledged', submits.filter(({ acks }) => acks.length > 0).length],
    ['runs not acknowledged', submits.filter(({ acks }) => acks.length === 0).length],
    ['answers to submits', sent],
    ['jobs', jobs.length],
    ...countBy(jobs.map((job) => `jobs ${job.outcome ?? job.status}`)),
    ['cancels of a job', cancels.length],
    ['attempts', all.length],
    ...countBy(all.map(({ verdict, error_class }) => `attempts ${error_class ?? verdict}`)),
    ['begun after a cancel', countLate(evidence)],
    ['devices benched', devices.filter((device) => device.status === 'benched').length],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

const countBy = (words: readonly string[]): [string, number][] =>
  [...Map.groupBy(words, (word) => word)].map(([word, same]): [string, number] => [word, same.length]).sort();
