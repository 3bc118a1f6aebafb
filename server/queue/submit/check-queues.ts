import type { QgjobError } from '../../../protocol/errors.ts';
import type { Deps } from '../store/deps.ts';
import { overQuota, quotaSql } from '../store/quotas.ts';
import { listOf, readList } from '../store/rows.ts';
import type { Submit } from './new-run.ts';

/** SEARCH o USING PRIMARY KEY (id=?), g USING INDEX groups_org_live (org_id=?): for each org its groups that hold work. */
const queuesSql = listOf(
  'json_array(q.id, q.may, q.has)',
  `FROM (SELECT o.id, ${quotaSql('queued_jobs', 'o.quotas')} AS may,
      (SELECT coalesce(sum(g.queued + g.waiting), 0) FROM groups g
       WHERE g.org_id = o.id AND g.queued + g.waiting > 0) AS has
    FROM json_each(?) i CROSS JOIN orgs o ON o.id = i.value) q WHERE q.may IS NOT NULL`,
);

type Queue = [orgId: string, may: number, has: number];

/** In order, the refusal of each submit for which its org's queue has no room; undefined where there is some. */
export async function checkQueues(
  deps: Deps,
  submits: readonly Submit[],
): Promise<(QgjobError | undefined)[]> {
  const orgs = [...new Set(submits.map(({ input }) => input.orgId))];
  const queues = new Map(
    (await readList<Queue>(deps, queuesSql, [JSON.stringify(orgs)])).map(([id, may, has]) => [
      id,
      { may, has },
    ]),
  );
  return submits.map(({ input: { orgId }, specs }) => {
    const queue = queues.get(orgId);
    if (!queue) return undefined;
    if (queue.has + specs.length > queue.may)
      return overQuota(orgId, 'queued_jobs', queue.has, queue.may, `these ${specs.length}`);
    queue.has += specs.length;
    return undefined;
  });
}
