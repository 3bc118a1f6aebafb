import type { Context } from 'hono';
import { type Contract, contracts } from '../../protocol/contracts.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { RouteName } from '../../protocol/routes.ts';
import { checkCursor } from './check-cursor.ts';
import { checkJson } from './check-json.ts';
import { parse } from './explain-issue.ts';
import { readBody, streamBody } from './read-body.ts';

/** Query and body of a call, by its contract. Errors: `invalid` with the field's name, `too_large`. */
export async function readInput(c: Context, name: RouteName): Promise<{ query: unknown; body: unknown }> {
  const contract: Contract = contracts[name];
  const query = contract.query && parse(contract.query, readQuery(c.req.url));
  checkCursor(name, query);
  if (!contract.body) return { query, body: undefined };
  if (contract.body === 'stream') return { query, body: streamBody(c) };
  if (contract.body === 'bytes') return { query, body: await readBody(c, limits.logChunkBytes) };
  return { query, body: parse(contract.body, readJson(await readBody(c, limits.jsonBodyBytes))) };
}

/** At most 200 visible characters, so that a key can be stored and shown. */
export function readIdempotencyKey(c: Context): string | undefined {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return undefined;
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw new QgjobError('invalid', 'Idempotency-Key: use 1 to 200 visible ASCII characters');
}

function readQuery(url: string): Record<string, string> {
  const given = [...new URL(url).searchParams];
  const query = Object.fromEntries(given);
  const twice = given.find(([name, value]) => query[name] !== value);
  if (twice) throw new QgjobError('invalid', `${twice[0]}: give it once`);
  return query;
}

function readJson(bytes: Uint8Array): unknown {
  // A call whose body has no required field may leave it out.
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
