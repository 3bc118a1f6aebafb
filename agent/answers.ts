import { cutText, oneLine } from '../protocol/clean-text.ts';
import { QgjobError } from '../protocol/errors.ts';

/** Ids of the server: they stand in addresses and variables, and never in a path. */
export const serverId = /^[A-Za-z0-9_-]{1,100}$/;

/** A timer of more fires at once. In ms. */
export const longestTimerMs = 2 ** 31 - 1;

/** For an answer that no qgjob server gives. Like a server that is away it is asked again later, never at once. */
export const badAnswer = (what: string): QgjobError =>
  new QgjobError('unavailable', `the server's answer makes no sense: ${what}`);

/** What a server wrote, fit for a line about it. */
export const quoted = (value: unknown): string =>
  typeof value === 'string' ? `"${cutText(oneLine(value.slice(0, 1000)), 80)}"` : typeof value;
