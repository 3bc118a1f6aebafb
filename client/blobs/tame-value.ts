import { QgjobError } from '../../protocol/errors.ts';

/** What JSON has where an object is meant. */
export type Fields = Readonly<Record<string, unknown>>;

export const odd = (what: string): QgjobError => new QgjobError('invalid', `${what} is odd`);

/** Errors (of each of these): `invalid` for a value of another kind. */
export function fields(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw odd('an object');
}

export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw odd('a text');
}

/** What people read: suites may have put other things there. No errors. */
export const said = (value: unknown): string =>
  ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';

/** Epoch ms and ms: Playwright makes dates of them. */
export function count(value: unknown): number {
  if (typeof value === 'number' && Math.abs(value) <= 8.64e15) return value;
  throw odd('a number');
}

export function list<T>(value: unknown, read: (one: unknown) => T): T[] {
  if (Array.isArray(value)) return value.map((one) => read(one));
  throw odd('a list');
}

/** One of these words. */
export function oneOf(value: unknown, words: readonly string[]): string {
  if (typeof value === 'string' && words.includes(value)) return value;
  throw odd('a word');
}

/** Undefined where there is none. */
export const maybe = <T>(value: unknown, read: (one: unknown) => T): T | undefined =>
  value === undefined || value === null ? undefined : read(value);
