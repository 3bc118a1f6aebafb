import type { Attributes } from './xml-tag.ts';

/** What a word says about a test. `unclear`: neither a known pass nor a known skip, and never counted as one. */
export type Said = 'failed' | 'unclear' | 'skipped' | 'passed';

const list = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/));

/** As GoogleTest, CTest, pytest, NUnit, xUnit, behave, Ginkgo, Maestro, Jenkins and others write it. */
const passes = list(
  'passed pass passing success successful succeeded successfully ok okay run ran executed complete completed done finished fixed good green true yes warning warned',
);
const skips = list(
  `skipped skip skipping notrun notran norun disabled disable ignored ignore suppressed pending todo notexecuted notstarted notapplicable
  excluded filtered filteredout deselected omitted muted untested inconclusive inactive assumptionfailure assumptionfailed xfail xfailed
  expectedfailure knownfailure knownissue`,
);
const failures = list('regression notok ko no false bad red exception assertion segfault killed');
const failureParts = /fail|error|broken|crash|panic|timeout|timedout|exception/;

const plain = (word: string): string => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** A word of an attribute like `status` or `result`. */
export function readWord(word: string): Said {
  const said = plain(word);
  if (passes.has(said)) return 'passed';
  if (skips.has(said)) return 'skipped';
  if (/^(no|without|zero)(fail|error)/.test(said)) return 'unclear';
  return failures.has(said) || failureParts.test(said) ? 'failed' : 'unclear';
}

const failureElements = list(
  'failure failures error errors failed fail errored broken crash crashed timeout timedout exception panic assertionfailure testfailure testerror aborted rerunfailure rerunerror',
);
/** In an attribute these words say that the test failed; as elements their meaning is not clear. */
const unclearElements = list('regression notok ko segfault killed blocked undefined');
/** Elements with the output of tests. A name may contain `error`, but the content is no failure. */
const output = list('systemout systemerr systemerror stdout stderr stderror errorlog erroroutput output log');

export type Role =
  | 'suite'
  | 'suites'
  | 'case'
  | 'failed'
  | 'flaky'
  | 'skipped'
  | 'unclear'
  | 'output'
  | 'other';

const roles = new Map<string, Role>();
const mostRemembered = 1000;

/**
 * What an element means in a report, by its local name in lower case. Remembered: a report has few names, very often.
 */
export function roleOf(name: string): Role {
  const role = roles.get(name) ?? findRole(name);
  if (roles.size < mostRemembered) roles.set(name, role);
  return role;
}

function findRole(name: string): Role {
  const word = plain(name);
  if (word === 'testcase') return 'case';
  if (word === 'testsuite') return 'suite';
  if (word === 'testsuites') return 'suites';
  if (word === 'flakyfailure' || word === 'flakyerror') return 'flaky';
  if (failureElements.has(word)) return 'failed';
  if (skips.has(word)) return 'skipped';
  if (output.has(word)) return 'output';
  return unclearElements.has(word) || failureParts.test(word) ? 'unclear' : 'other';
}

/** The worst of these counts. */
export function worst(said: readonly Said[]): Said | undefined {
  return (['failed', 'unclear', 'skipped', 'passed'] as const).find((one) => said.includes(one));
}

const words = ['status', 'result', 'outcome', 'state', 'verdict', 'conclusion'];
/** Flags like `executed`: with `false` the test did not run. */
const runFlags = ['executed', 'enabled', 'ran'];
/** Flags like `skipped`: any text but a no means skipped; it may be the reason. */
const skipFlags = ['skipped', 'skip', 'ignored', 'ignore', 'disabled', 'notrun', 'suppressed'];
const passFlags = ['success', 'successful', 'succeeded', 'passed'];
const failFlags = ['failed', 'failure', 'error', 'errored', 'crashed', 'aborted', 'timedout'];

const isNo = (value: string): boolean => /^(false|no|n|0|off|none)?$/i.test(value.trim());
const isYes = (value: string): boolean => /^(true|yes|y|on)$/i.test(value.trim());

/** A plain yes or no, not a number or another text. */
const isFlag = (value: string): boolean => /^(true|false|yes|no)$/i.test(value.trim());

export interface StatusWord {
  readonly said: Said;
  /** As written in the report. */
  readonly words: string;
}

/** What the attributes of a case or a suite say about its result. Numbers of a suite are counters. */
export function readStatus(attributes: Attributes, kind: 'case' | 'suite'): StatusWord[] {
  return attributes.flatMap(([name, value]) => {
    const said = kind === 'case' || words.includes(name) || isFlag(value) ? saidBy(name, value) : undefined;
    return said === undefined ? [] : [{ said, words: `${name}="${value.slice(0, 100)}"` }];
  });
}

function saidBy(name: string, value: string): Said | undefined {
  if (words.includes(name)) return value.trim() === '' ? undefined : readWord(value);
  if (runFlags.includes(name)) return isNo(value) && value.trim() !== '' ? 'skipped' : undefined;
  if (skipFlags.includes(name)) return isNo(value) ? undefined : 'skipped';
  if (passFlags.includes(name)) return isNo(value) && value.trim() !== '' ? 'failed' : undefined;
  return failFlags.includes(name) ? saidByFailure(value) : undefined;
}

/** A number is a counter and read elsewhere. The meaning of any other text is not clear. */
function saidByFailure(value: string): Said | undefined {
  if (isNo(value) || /^\s*\d+\s*$/.test(value)) return undefined;
  return isYes(value) ? 'failed' : 'unclear';
}
