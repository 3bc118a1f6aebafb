import { QgjobError } from '../../protocol/errors.ts';
import { badPriority, parsePriority } from '../../protocol/priority.ts';

/** An input's name and its text, which the toolkit has trimmed; '' when it is not set. */
export type Given = readonly [name: string, text: string];

export const badInput = (name: string, what: string): QgjobError =>
  new QgjobError('invalid', `input ${name}: ${what}`);

export function parseSwitch([name, text]: Given): boolean {
  const word = text.toLowerCase();
  if (word === 'true') return true;
  if (word === 'false') return false;
  throw badInput(name, `"${text}" is not allowed: use true or false`);
}

export function parseChoice<T extends string>([name, text]: Given, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === text);
  if (found !== undefined) return found;
  throw badInput(name, `"${text}" is not allowed: use ${allowed.join(' or ')}`);
}

/** Minutes, with fractions, as ms. */
export function parseMinutes([name, text]: Given): number | undefined {
  if (text === '') return undefined;
  const minutes = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (minutes > 0) return Math.round(minutes * 60_000);
  throw badInput(name, `"${text}" is not allowed: use a number of minutes above 0`);
}

export function parseRetries([name, text]: Given): number | undefined {
  if (text === '') return undefined;
  if (/^\d{1,2}$/.test(text) && Number(text) <= 20) return Number(text);
  throw badInput(name, `"${text}" is not allowed: use a whole number from 0 to 20`);
}

export function parseCount([name, text]: Given, most: number): number | undefined {
  if (text === '') return undefined;
  if (/^[1-9]\d*$/.test(text) && Number(text) <= most) return Number(text);
  throw badInput(name, `"${text}" is not allowed: use a whole number from 1 to ${most}`);
}

export const parseLines = ([, text]: Given): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

export function readPriority([name, text]: Given): number | undefined {
  if (text === '') return undefined;
  const priority = parsePriority(text);
  if (priority === undefined) throw badInput(name, badPriority(text));
  return priority;
}
