import { judgeWord, type Said } from './judge-words.ts';
import type { Attributes } from './xml-tag.ts';

const words = ['status', 'result', 'outcome', 'state', 'verdict', 'conclusion'];
/** `executed="false"` and the like: it did not run. */
const runFlags = ['executed', 'enabled', 'ran'];
/** `skipped="true"`; any other text is the reason. */
const skipFlags = ['skipped', 'skip', 'ignored', 'ignore', 'disabled', 'notrun', 'suppressed'];
const passFlags = ['success', 'successful', 'succeeded', 'passed'];
const failFlags = ['failed', 'failure', 'error', 'errored', 'crashed', 'aborted', 'timedout'];

const isNo = (value: string): boolean => /^(false|no|n|0|off|none)?$/i.test(value.trim());
const isYes = (value: string): boolean => /^(true|yes|y|on)$/i.test(value.trim());

/** Neither a number nor a text. */
const isFlag = (value: string): boolean => /^(true|false|yes|no)$/i.test(value.trim());

export interface StatusWord {
  readonly said: Said;
  /** As the report says it. */
  readonly words: string;
}

/** What the attributes of a case or a suite say about how it went. Numbers of a suite are counters. */
export function readStatus(attributes: Attributes, kind: 'case' | 'suite'): StatusWord[] {
  return attributes.flatMap(([name, value]) => {
    const said = kind === 'case' || words.includes(name) || isFlag(value) ? saidBy(name, value) : undefined;
    return said === undefined ? [] : [{ said, words: `${name}="${value.slice(0, 100)}"` }];
  });
}

function saidBy(name: string, value: string): Said | undefined {
  if (words.includes(name)) return value.trim() === '' ? undefined : judgeWord(value);
  if (runFlags.includes(name)) return isNo(value) && value.trim() !== '' ? 'skipped' : undefined;
  if (skipFlags.includes(name)) return isNo(value) ? undefined : 'skipped';
  if (passFlags.includes(name)) return isNo(value) && value.trim() !== '' ? 'failed' : undefined;
  return failFlags.includes(name) ? saidByFailure(value) : undefined;
}

/** A number is a counter and read as one. A text tells of a failure in words that nobody can weigh. */
function saidByFailure(value: string): Said | undefined {
  if (isNo(value) || /^\s*\d+\s*$/.test(value)) return undefined;
  return isYes(value) ? 'failed' : 'unclear';
}

/** The value of the first attribute of that name; empty where there is none. */
export function attribute(attributes: Attributes, name: string): string {
  return attributes.find(([one]) => one === name)?.[1] ?? '';
}
