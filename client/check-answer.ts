import type * as z from 'zod';
import { type Contract, contracts } from '../protocol/contracts.ts';
import { type RouteName, routes } from '../protocol/routes.ts';
import { findBadItem } from './find-bad-item.ts';
import { parseJson } from './foreign-answer.ts';
import type { Received } from './receive.ts';

/** The answer, or in a few words why it is none of this route's. */
export type Checked = { readonly value: unknown } | { readonly why: string };

/** Holds a success against the route's contract. */
export function checkAnswer(name: RouteName, received: Received): Checked {
  const { status, otherStatus, answer, mayBeEmpty }: Contract = contracts[name];
  if (received.status === 204) {
    return answer === 'none' || mayBeEmpty ? { value: undefined } : { why: 'an empty answer' };
  }
  if (received.status !== status && received.status !== otherStatus) {
    return { why: `not the status ${status} of this call` };
  }
  if (received.isCut) return { why: 'too long' };
  if (answer === 'none') return { why: 'an answer to a call that has none' };
  if (answer === 'bytes') return checkBytes(name, received);
  const json = parseJson(received.bytes);
  return json === undefined ? { why: 'no JSON' } : checkShape(answer, json, routes[name].scope === 'agent');
}

/** Bytes of a test may look like anything, so their headers tell whose they are. */
function checkBytes(name: RouteName, { headers, bytes }: Received): Checked {
  const type = headers.get('content-type') ?? '';
  const isOurs =
    name === 'readLogs'
      ? /^text\/plain\b/i.test(type)
      : // A page may be an artifact too. Ours go by the hash of their bytes.
        !/\bhtml\b/i.test(type) || /^(?:W\/)?"[0-9a-f]{64}"$/.test(headers.get('etag') ?? '');
  return isOurs ? { value: bytes } : { why: `bytes of the type ${type || 'none'}` };
}

/**
 * The fields and their types must be the contract's. A newer server may have more fields, and more words where there is
 * a list of them: those come through, and whoever meets such a word takes it for nothing good. What a text says is held
 * against the rules for texts only where an agent acts on it: a reader must still see rows of a server with other rules.
 * A test path that an agent cannot run costs its own job alone, so that is left to the agent.
 */
export function checkShape(shape: z.ZodType, value: unknown, isStrict: boolean): Checked {
  const isBad = (issue: z.core.$ZodIssue): boolean =>
    !isNewer(issue) && !(isRule(issue) && (!isStrict || isTestPath(issue)));
  const early = findBadItem(shape, value, isBad);
  if (early) return { why: describe(early) };
  const parsed = shape.safeParse(value, { reportInput: true });
  if (parsed.success) return { value: parsed.data };
  const bad = parsed.error.issues.find(isBad);
  return bad ? { why: describe(bad) } : { value };
}

const isTestPath = ({ path }: z.core.$ZodIssue): boolean => path.at(-1) === 'test_path';

/** Shorter than any text that could be more than a word. */
const isWord = (value: unknown): boolean =>
  typeof value === 'string' && /^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$/i.test(value) && value.length <= 50;

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
const isRule = (issue: z.core.$ZodIssue): boolean => rules.includes(issue.code);

const describe = ({ path, message }: z.core.$ZodIssue): string =>
  `${path.length === 0 ? '' : `${path.map(String).join('.')}: `}${message}`;
