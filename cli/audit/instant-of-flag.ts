import { parseDuration } from '../../protocol/durations.ts';
import { QgjobError } from '../../protocol/errors.ts';

/** When something was: `7d` ago, a day as it begins in UTC, or an instant. Errors: `invalid`, with the name of the flag. */
export function instantOfFlag(flag: string, text: string, now: number): string {
  const ago = parseDuration(text);
  const at = ago === undefined ? dateOf(text) : new Date(now - ago);
  if (at !== undefined && !Number.isNaN(at.getTime())) return at.toISOString();
  throw new QgjobError(
    'invalid',
    `${flag}=${text}: use a time, like 7d, a day, like 2026-12-24, or an instant, like 2026-12-24T18:00Z`,
  );
}

const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text);
const isInstant = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text);

const dateOf = (text: string): Date | undefined =>
  isDay(text) || isInstant(text) ? new Date(text) : undefined;
