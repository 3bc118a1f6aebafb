import type { Context } from 'hono';
import type * as z from 'zod';
import { type Contract, contracts } from '../../protocol/contracts.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { RouteName } from '../../protocol/routes.ts';

const issuesShown = 10;

/** Query and body of a call, by its contract. Errors: `invalid` with the field's name, `too_large`. */
export async function readInput(c: Context, name: RouteName): Promise<{ query: unknown; body: unknown }> {
  const contract: Contract = contracts[name];
  return {
    query: contract.query && parse(contract.query, c.req.query()),
    body:
      contract.body &&
      (contract.body === 'bytes' ? await readBytes(c) : parse(contract.body, await readJson(c))),
  };
}

/** At most 200 visible characters, so that a key can be stored and shown. */
export function readIdempotencyKey(c: Context): string | undefined {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return undefined;
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw new QgjobError('invalid', 'Idempotency-Key: use 1 to 200 visible ASCII characters');
}

async function readBytes(c: Context): Promise<Uint8Array> {
  return new Uint8Array(await c.req.arrayBuffer());
}

async function readJson(c: Context): Promise<unknown> {
  const text = await c.req.text();
  // A call whose body has no required field may leave it out.
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new QgjobError('invalid', `the body is not JSON: ${(error as Error).message}`);
  }
}

function parse(shape: z.ZodType, input: unknown): unknown {
  const parsed = shape.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, issuesShown).map((issue) => ({
    path: issue.path.join('.'),
    message: issue.message,
  }));
  const [first] = issues;
  const where = first?.path ? `${first.path}: ` : '';
  throw new QgjobError('invalid', `${where}${first?.message}`, { details: { issues } });
}

/** Bytes that a route takes at most. */
export const maxBodyOf = (name: RouteName): number =>
  (contracts[name] as Contract).body === 'bytes' ? limits.logChunkBytes : limits.jsonBodyBytes;
