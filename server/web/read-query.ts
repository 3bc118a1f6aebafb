import { QgjobError } from '../../protocol/errors.ts';
import type { PageCall } from './page.ts';

/** A value of the query that must be one of these; undefined where it is missing. Errors: `invalid`. */
export function readChoice<T extends string>(
  call: Pick<PageCall, 'query'>,
  name: string,
  choices: readonly T[],
): T | undefined {
  const given = call.query(name);
  const found = choices.find((choice) => choice === given);
  if (given !== undefined && found === undefined)
    throw new QgjobError('invalid', `${name}: choose one of ${choices.join(', ')}`);
  return found;
}

/** The cursor of a list, which looks like this. Errors: `invalid`. */
export function readCursor(call: Pick<PageCall, 'query'>, pattern: RegExp): string | undefined {
  const given = call.query('cursor');
  if (given !== undefined && !pattern.test(given))
    throw new QgjobError('invalid', 'this link into the list is not whole: begin at its first page');
  return given;
}

/** A whole number of the query from `least` to `most`. Errors: `invalid`. */
export function readNumber(
  call: Pick<PageCall, 'query'>,
  name: string,
  { least = 0, most = Number.MAX_SAFE_INTEGER } = {},
): number | undefined {
  const given = call.query(name);
  if (given === undefined) return undefined;
  const value = Number(given);
  if (/^\d{1,16}$/.test(given) && value >= least && value <= most) return value;
  throw new QgjobError('invalid', `${name}: give a whole number from ${least} on`);
}
