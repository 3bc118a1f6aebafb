import type * as z from 'zod';
import { contracts } from '../protocol/contracts.ts';
import { limits } from '../protocol/limits.ts';
import type { RouteName } from '../protocol/routes.ts';
import { type Checked, checkBody, type Expected } from './check-answer.ts';
import { isWord } from './check-outline.ts';
import { findBadItem } from './find-bad-item.ts';
import type { Received } from './receive.ts';

/**
 * The check of an agent's calls: it acts on the answers, so they must fit the contract's own shapes, texts included.
 */
export function checkStrictly(name: RouteName, received: Received): Checked {
  const body = checkBody(name, contracts[name] as Expected, received);
  return 'json' in body ? checkJson(name, body.json) : body;
}

/** The same for JSON that is already parsed. */
export function checkJson(name: RouteName, json: unknown): Checked {
  const shape = contracts[name].answer as z.ZodType;
  if (name !== 'takeLease')
    return checkShape(shape, json, (issue) => !isNewer(issue) && !isOfTestPath(issue));
  const why = tooManyJobs(json);
  return why === undefined ? checkShape(shape, json, (issue) => !isNewer(issue)) : { why };
}

/** More than any server leases at once. */
const mostJobs = 4 * limits.jobsPerLease;

/** Counted before any job is looked at: the shapes of 22 000 jobs take a second, in which no heartbeat is sent. */
function tooManyJobs(lease: unknown): string | undefined {
  const jobs = (lease as { jobs?: unknown } | null)?.jobs;
  return Array.isArray(jobs) && jobs.length > mostJobs ? `a lease of ${jobs.length} jobs` : undefined;
}

function checkShape(shape: z.ZodType, value: unknown, isBad: (issue: z.core.$ZodIssue) => boolean): Checked {
  const early = findBadItem(shape, value, isBad);
  if (early) return { why: describe(early) };
  const parsed = shape.safeParse(value, { reportInput: true });
  if (parsed.success) return { value: parsed.data };
  const bad = parsed.error.issues.find(isBad);
  return bad ? { why: describe(bad) } : { value };
}

/** What a newer server may add: fields, and words where there is a list of them. */
function isNewer(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'unrecognized_keys') return true;
  if (issue.code === 'invalid_value') return isWord(issue.input);
  if (issue.code !== 'invalid_union') return false;
  const { discriminator, input } = issue as { discriminator?: string; input?: unknown };
  return (
    discriminator !== undefined && isWord((input as Record<string, unknown> | undefined)?.[discriminator])
  );
}

const rules: readonly string[] = ['invalid_format', 'too_big', 'too_small', 'custom'];

/**
 * `startJob` and `finishJob` answer with the job. A test path that breaks the rules for paths must not make these
 * answers count as none: the agent would report its rejection of that job again and again. In a lease such a path is
 * allowed by the shape itself.
 */
const isOfTestPath = ({ path, code }: z.core.$ZodIssue): boolean =>
  path.at(-1) === 'test_path' && rules.includes(code);

const describe = ({ path, message }: z.core.$ZodIssue): string =>
  `${path.length === 0 ? '' : `${path.map(String).join('.')}: `}${message}`;
