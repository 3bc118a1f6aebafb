import { oneLine } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { Why } from '../../protocol/shapes/why.ts';

type Told = Omit<Why, 'notes'> & Partial<Pick<Why, 'notes'>>;

/** The lines to print; the first one has the status. */
export function describeWhy({
  job_id,
  status,
  position,
  blocked_by,
  notes = [],
  starts_in_ms,
}: Told): string[] {
  const place = position === null ? '' : `, number ${position} in its queue`;
  const blocks = blocked_by.map(
    ({ message, until }) => `  ${oneLine(message)}${until === null ? '' : `, until ${until}`}`,
  );
  const isReady = status === 'queued' && blocked_by.length === 0;
  return [
    `${job_id}  ${status}${place}`,
    ...blocks,
    ...(isReady ? ['  nothing blocks it: it waits for a device'] : []),
    ...notes.map((note) => `  ${oneLine(note)}`),
    ...(starts_in_ms === null ? [] : [`  should start in about ${formatDuration(starts_in_ms)}`]),
  ];
}
