import type { Context } from 'hono';
import type * as z from 'zod';
import type { Contract } from '../../protocol/contract.ts';
import { contracts } from '../../protocol/contracts.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { namePattern } from '../../protocol/ids.ts';
import { issueWords } from '../../protocol/issue-words.ts';
import { limits } from '../../protocol/limits.ts';
import { type RouteName, routes } from '../../protocol/routes.ts';
import { readBody, strangerTimeoutMs, streamBody } from '../calls/read-body.ts';
import { checkJson } from './check-json.ts';

/** Query and body of a call, checked by its contract. Errors: `invalid` with the field's name, `too_large`. */
export async function readInput(c: Context, name: RouteName): Promise<{ query: unknown; body: unknown }> {
  const contract: Contract = contracts[name];
  const query = contract.query && parse(contract.query, readQuery(c.req.url));
  checkCursor(name, query);
  if (!contract.body) return { query, body: undefined };
  if (contract.body === 'stream') return { query, body: streamBody(c) };
  if (contract.body === 'bytes') return { query, body: await readBody(c, limits.logChunkBytes) };
  const waitMs = routes[name].scope === 'open' ? strangerTimeoutMs : undefined;
  const bytes = await readBody(c, contract.bodyBytes ?? limits.jsonBodyBytes, waitMs);
  return { query, body: parse(contract.body, readJson(bytes)) };
}

/** At most 200 visible characters, so that a key can be stored and shown. Errors: `invalid`. */
export function readIdempotencyKey(c: Context): string | undefined {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return undefined;
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw new QgjobError('invalid', 'Idempotency-Key: use 1 to 200 visible ASCII characters');
}

const issuesShown = 10;
const keysShown = 3;

/** What to do, in place of zod's words. */
const wording: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.slice(0, keysShown).map((key) => `"${key.slice(0, 60)}"`);
    return `unknown: ${names.join(', ')}; leave it out, /openapi.json lists what this call takes`;
  }
  return issueWords(issue);
};

/**
 * The input as the value of this shape. Errors: `invalid` with the field's name; its details list the first ten
 * issues.
 */
export function parse(shape: z.ZodType, input: unknown): unknown {
  const parsed = shape.safeParse(input, { error: wording });
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, issuesShown).map((issue) => ({
    path: issue.path.join('.').slice(0, 200),
    message: issue.message.slice(0, 300),
  }));
  const [first] = issues;
  const where = first?.path ? `${first.path}: ` : '';
  throw new QgjobError('invalid', `${where}${first?.message}`, { details: { issues } });
}

function readQuery(url: string): Record<string, string> {
  const given = [...new URL(url).searchParams];
  const query = Object.fromEntries(given);
  const twice = given.find(([name, value]) => query[name] !== value);
  if (twice) throw new QgjobError('invalid', `${twice[0]}: give it once`);
  return query;
}

/** The `next_cursor` of each list. */
const cursorPatterns: Partial<Record<RouteName, RegExp>> = {
  listRuns: /^run_[0-9a-f]{32}$/,
  listJobs: /^\d{1,15}$/,
  listDeadLetters: /^\d{1,15}$/,
  listAppVersions: /^\d{1,15}$/,
  listArtifacts: /^art_[0-9a-f]{32}$/,
  listQuarantines: /^qua_[0-9a-f]{32}$/,
  listTests: /^[\d.e-]{0,30}:tst_[0-9a-f]{32}$/,
  listGroups: /^\d{15}$/,
  listDevices: /^dev_[0-9a-f]{32}$/,
  listAgents: /^agt_[0-9a-f]{32}$/,
  listOrgs: namePattern,
  listTokens: /^[0-9a-f]{24}$/,
  listAudit: /^\d{1,15}$/,
  listWebhooks: /^whk_[0-9a-f]{32}$/,
};

/** The queue only compares a cursor, so any other text would silently give some page. Errors: `invalid`. */
function checkCursor(name: RouteName, query: unknown): void {
  const { cursor } = (query ?? {}) as { cursor?: string };
  if (cursor === undefined || cursorPatterns[name]?.test(cursor)) return;
  throw new QgjobError('invalid', 'cursor: use the next_cursor of the page before, as it is');
}

function readJson(bytes: Uint8Array): unknown {
  // A call whose body has no required field may leave the body out.
  if (bytes.length === 0) return {};
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    checkJson(text);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof QgjobError) throw error;
    throw new QgjobError('invalid', `the body is not JSON in UTF-8: ${(error as Error).message}`);
  }
}
