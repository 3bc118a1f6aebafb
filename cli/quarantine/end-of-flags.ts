import { QgjobError } from '../../protocol/errors.ts';

export interface EndFlags {
  /** A day, or an instant of ISO 8601. */
  readonly until?: string;
  /** In ms. */
  readonly for?: number;
}

const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text);
const isInstant = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text);

/** When a quarantine ends: a day ends it as it begins, in UTC. Errors: `invalid`. */
export function endOfFlags({ until, for: ms }: EndFlags, now: number): string {
  if ((until === undefined) === (ms === undefined)) {
    throw new QgjobError('invalid', 'when does it end? give --until=<day> or --for=<time>, like --for=14d');
  }
  if (ms !== undefined) return new Date(now + ms).toISOString();
  const at = until !== undefined && (isDay(until) || isInstant(until)) ? new Date(until) : undefined;
  // JavaScript takes February 30 for March 2.
  const isReal =
    at !== undefined &&
    !Number.isNaN(at.getTime()) &&
    (!isDay(until ?? '') || at.toISOString().startsWith(until ?? ''));
  if (!isReal) {
    throw new QgjobError(
      'invalid',
      `--until=${until}: use a day, like 2026-12-24, or an instant, like 2026-12-24T18:00Z`,
    );
  }
  return at.toISOString();
}
