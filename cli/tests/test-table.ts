import { oneLine } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { Quarantine } from '../../protocol/shapes/quarantine.ts';
import type { Test } from '../../protocol/shapes/test.ts';
import { percent } from '../output/percent.ts';
import { formatTable, leastWidth } from '../output/table.ts';

type Named = Pick<Test, 'test_path' | 'title'>;

/** `tests/a.spec.ts`, or with its case `tests/a.spec.ts: signs in`. */
export const nameOf = ({ test_path: path, title }: Named): string =>
  oneLine(title === null ? path : `${path}: ${title}`);

/** `6 % (1–17 %)`: the share, and between what it lies at 95 %; `-` where nothing is known. */
export function flakyWords({ flakiness }: Pick<Test, 'flakiness'>): string {
  if (flakiness === null) return '-';
  const { share, low, high } = flakiness;
  return `${percent(share)} (${percent(low).slice(0, -2)}–${percent(high)})`;
}

export const timeOf = (ms: number | null): string => (ms === null ? '-' : formatDuration(ms));

/** `2026-12-24`, or with its minute where a day does not begin then. */
export function endOf({ ends_at: at }: Pick<Quarantine, 'ends_at'>): string {
  const [day = '', time = ''] = at.split('T');
  return time.startsWith('00:00') ? day : `${day} ${time.slice(0, 5)}`;
}

const quarantineOf = ({ quarantine }: Test): string =>
  quarantine === null ? '' : `${oneLine(quarantine.owner)}, until ${endOf(quarantine)}`;

const title = ['TEST', 'TARGET', 'FLAKY', 'P50', 'P95', 'LAST FAILED', 'QUARANTINE'];

const row = (test: Test): string[] => [
  nameOf(test),
  test.target,
  flakyWords(test),
  timeOf(test.p50_ms),
  timeOf(test.p95_ms),
  test.last_failed_at?.slice(0, 10) ?? 'never',
  quarantineOf(test),
];

/** Tests as a table of at most `width` columns; with their ids where those fit, as in a pipe. */
export function testTable(tests: readonly Test[], width: number | undefined): string[] {
  if (tests.length === 0) return [];
  const withId = [['ID', ...title], ...tests.map((test) => [test.test_id, ...row(test)])];
  if (width === undefined || leastWidth(withId, []) <= width) return formatTable(withId, { width });
  const rows = [title, ...tests.map(row)];
  return formatTable(rows, { width, cuttable: [0, 6, 1] });
}
