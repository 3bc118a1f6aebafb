import type { Deps } from '../store/deps.ts';
import type { SubmitInput } from './new-run.ts';

/** Undefined: it has no key. */
export const keyOf = ({ input }: { readonly input: SubmitInput }): string | undefined =>
  input.idempotencyKey === undefined ? undefined : JSON.stringify([input.orgId, input.idempotencyKey]);

/** The run that a key has made. */
export interface Earlier {
  readonly runId: string;
  readonly hash: string;
}

/** The runs that these keys have made before. SEARCH runs USING INDEX runs_idem. */
export async function findEarlier(
  deps: Deps,
  all: readonly { readonly input: SubmitInput }[],
): Promise<Map<string, Earlier>> {
  const keys = all.flatMap(({ input }) =>
    input.idempotencyKey === undefined ? [] : [[input.orgId, input.idempotencyKey]],
  );
  if (keys.length === 0) return new Map();
  const rows = await deps.sql.read(
    `SELECT r.id, r.org_id, r.idempotency_key, r.request_hash FROM json_each(?) i
     CROSS JOIN runs r ON r.org_id = i.value ->> 0 AND r.idempotency_key = i.value ->> 1`,
    [JSON.stringify(keys)],
  );
  return new Map(
    rows.map((row) => [
      JSON.stringify([row.org_id, row.idempotency_key]),
      { runId: String(row.id), hash: String(row.request_hash) },
    ]),
  );
}
