import type * as z from 'zod';
import { contracts } from '../protocol/contracts.ts';
import type { RouteName } from '../protocol/routes.ts';
import { type Checked, checkBody, type Expected } from './check-answer.ts';
import { isWord } from './check-outline.ts';
import { findBadItem } from './find-bad-item.ts';
import type { Received } from './receive.ts';

/** For the calls of agents, who act on what they hear: by the contract's own shapes, texts and all. */
export function checkStrictly(name: RouteName, received: Received): Checked {
  const contract: Expected = contracts[name];
  const body = checkBody(name, contract, received);
  if (!('json' in body)) return body;
  return checkShape(contract.answer as z.ZodType, body.json);
}

function checkShape(shape: z.ZodType, value: unknown): Checked {
  const early = findBadItem(shape, value, isBad);
  if (early) return { why: describe(early) };
  const parsed = shape.safeParse(value, { reportInput: true });
  if (parsed.success) return { value: parsed.data };
  const bad = parsed.error.issues.find(isBad);
  return bad ? { why: describe(bad) } : { value };
}

const isBad = (issue: z.core.$ZodIssue): boolean => !isNewer(issue) && !isOfTestPath(issue);

/** More fields, more words in a list. */
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

/** A test path that an agent cannot run costs its own job alone: that is left to the agent. */
const isOfTestPath = ({ path, code }: z.core.$ZodIssue): boolean =>
  path.at(-1) === 'test_path' && rules.includes(code);

const describe = ({ path, message }: z.core.$ZodIssue): string =>
  `${path.length === 0 ? '' : `${path.map(String).join('.')}: `}${message}`;
