import type { Reader } from '../db/snapshot.ts';

/** A file that rows name. `bytes` of a log are known only when it is read: it may grow. */
export type BlobRef =
  | { readonly kind: 'logs'; readonly jobId: string; readonly attempt: number }
  | {
      readonly kind: 'artifacts';
      readonly jobId: string;
      readonly id: string;
      readonly bytes: number;
      readonly sha256: string;
    }
  | {
      readonly kind: 'bundles' | 'apps';
      readonly orgId: string;
      readonly bytes: number;
      readonly sha256: string;
    };

/**
 * The files that the rows of a database name: of logs those of its attempts, whether or not they have written something.
 * Those of attempts that began later are not among them: after a restore such an attempt is made anew, and would go on in
 * the log of the other one.
 */
export function* blobRefs(reader: Reader): Generator<BlobRef> {
  for (const row of reader.rows('SELECT job_id, attempt FROM attempts ORDER BY job_id, attempt'))
    yield { kind: 'logs', jobId: String(row.job_id), attempt: Number(row.attempt) };
  for (const row of reader.rows('SELECT job_id, id, size, sha256 FROM artifacts ORDER BY job_id, id'))
    yield { kind: 'artifacts', jobId: String(row.job_id), id: String(row.id), ...contentOf(row) };
  for (const kind of ['bundles', 'apps'] as const)
    for (const row of reader.rows(contentSql[kind]))
      yield { kind, orgId: String(row.org_id), ...contentOf(row) };
}

const contentSql = {
  bundles: 'SELECT org_id, sha256, size FROM bundles ORDER BY org_id, sha256',
  apps: `SELECT org_id, sha256, max(size) AS size FROM app_versions WHERE size IS NOT NULL
         GROUP BY org_id, sha256 ORDER BY org_id, sha256`,
};

const contentOf = (row: Readonly<Record<string, unknown>>) => ({
  bytes: Number(row.size),
  sha256: String(row.sha256),
});

/** The name of a file in a backup. */
export function nameOf(ref: BlobRef): string {
  if (ref.kind === 'logs') return `logs/${ref.jobId}/${ref.attempt}.log`;
  if (ref.kind === 'artifacts') return `artifacts/${ref.jobId}/${ref.id}`;
  return `${ref.kind}/${ref.orgId}/${ref.sha256}`;
}
