import type { Seen, SoakResult } from './run-soak.ts';
import { median, percentile } from './series.ts';
import type { Verdict } from './verdict.ts';

const MiB = 1024 ** 2;

const units: Readonly<Record<Verdict['unit'], (value: number) => string>> = {
  bytes: (value) => `${(value / MiB).toFixed(1)} MiB`,
  pages: (value) => `${value.toFixed(0)} pages`,
  count: (value) => value.toFixed(0),
};

const seconds = (value: number): string => `${value.toFixed(0).padStart(5)} s`;

/** One line of what was seen last. */
export function formatProgress({ seconds: t, samples, ledger }: Seen): string {
  const last = samples.at(-1);
  if (!last) return `${seconds(t)}  nothing was seen yet`;
  return [
    `${seconds(t)}  day ${last.life + 1}`,
    `${ledger.jobsEnded()} jobs ended, ${last.queued} queued, ${last.leased} leased`,
    `memory ${units.bytes(last.rss)}, heap ${units.bytes(last.heap)}`,
    `${last.fds} handles, log ${units.bytes(last.wal)}, file ${units.bytes(last.file)}, blobs ${units.bytes(last.blobs)}`,
    ...(ledger.problems.length > 0 ? [`${ledger.problems.length} problems`] : []),
  ].join('; ');
}

/** All that a soak found, as text. */
export function formatReport(result: SoakResult): string {
  const { verdicts, offences } = result;
  // After an interrupt most figures have no measure yet.
  const flat = verdicts.filter(({ level }) => result.isWhole || !Number.isNaN(level)).map(rowOf);
  return [
    table([['', 'figure', 'level', 'growth', 'allowed', 'level allowed'], ...flat]),
    '',
    table(figuresOf(result)),
    '',
    ...offences.slice(0, 40).map((offence) => `✗ ${offence}`),
    verdictOf(result),
  ].join('\n');
}

function rowOf({ what, unit, level, growth, allowed, cap, isFlat }: Verdict): string[] {
  if (Number.isNaN(level)) return ['✗', what, 'not measured', '', '', ''];
  const say = units[unit];
  return [
    ...[isFlat ? '✓' : '✗', what, say(level)],
    ...(allowed === undefined ? ['', ''] : [`${growth < 0 ? '' : '+'}${say(growth)}`, `+${say(allowed)}`]),
    cap === Number.POSITIVE_INFINITY ? '' : say(cap),
  ];
}

function figuresOf({ ledger, samples, seconds: t }: SoakResult): string[][] {
  const told = [...ledger.told.values()];
  const sum = (name: 'runs' | 'jobs' | 'passed' | 'failed' | 'errored' | 'cancelled' | 'flaky') =>
    String(told.reduce((all, one) => all + one[name], 0));
  const times = (['submit', 'pickup', 'start', 'finish'] as const).map((what) => {
    const all = ledger.timesOf(what);
    return [
      what,
      [0.5, 0.99].map((share) => `p${share * 100} ${percentile(all, share).toFixed(1)} ms`).join(', '),
    ];
  });
  const all = (name: 'queued' | 'heldPolls' | 'lagMax') => samples.map((sample) => sample[name]);
  return [
    ['duration', seconds(t).trim()],
    ...(['runs', 'jobs', 'passed', 'flaky', 'failed', 'errored', 'cancelled'] as const).map((name) => [
      name,
      sum(name),
    ]),
    ...times,
    ['queued, most', String(Math.max(0, ...all('queued')))],
    ['held polls, usual', median(all('heldPolls')).toFixed(0)],
    ['event loop late, p99', `${(percentile(all('lagMax'), 0.99) * 1000).toFixed(0)} ms`],
    ...[...ledger.done].sort().map(([what, n]) => [what, String(n)]),
  ];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(...rows.map((row) => row[n]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}

function verdictOf({ verdicts, offences, isWhole, folder, options }: SoakResult): string {
  const grown = verdicts.filter(({ isFlat }) => !isFlat).map(({ what }) => what);
  const again = `--seed=${options.seed}; what is left is in ${folder}`;
  if (!isWhole)
    return `interrupted: the audit at the end was not made${offences.length > 0 ? `. ${again}` : ''}`;
  if (grown.length > 0 || offences.length > 0)
    return `not flat: ${grown.join(', ') || 'nothing'}; ${offences.length} things do not add up. ${again}`;
  if (options.judges === 'audit') return 'All counters are what the rows say; no figure was judged.';
  return 'Memory, handles, write-ahead log and disk are flat, and all counters are what the rows say.';
}
