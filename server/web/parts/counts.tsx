import type { Counts as RunCounts } from '../../../protocol/shapes/run.ts';

const parts = [
  ['failed', 'bad'],
  ['errored', 'broken'],
  ['running', 'busy'],
  ['scheduled', 'busy'],
  ['waiting', 'waits'],
  ['queued', 'waits'],
  ['passed', 'good'],
  ['cancelled', 'off'],
] as const;

/** How many jobs are in which state, as a bar and in words. */
export function Counts({ counts }: { readonly counts: RunCounts }) {
  const given = parts.filter(([name]) => counts[name] > 0);
  const total = given.reduce((sum, [name]) => sum + counts[name], 0);
  let at = 0;
  return (
    <span class="counts">
      <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        {given.map(([name, look]) => {
          const width = (100 * counts[name]) / total;
          at += width;
          return <rect class={look} x={(at - width).toFixed(2)} y="0" width={width.toFixed(2)} height="6" />;
        })}
      </svg>
      <span class="counts-words">
        {given.map(([name]) => `${counts[name]} ${name}`).join(', ')}
        {counts.flaky > 0 && ` (${counts.flaky} flaky)`}
      </span>
    </span>
  );
}
