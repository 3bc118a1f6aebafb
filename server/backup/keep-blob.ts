import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Blobs } from '../blobs/open-blobs.ts';
import type { Reader } from '../db/snapshot.ts';
import { badBackup, type Entry, shown } from './read-entries.ts';

/** Ids become parts of paths: none may lead anywhere else. */
const namePatterns = {
  logs: /^logs\/(job_[A-Za-z0-9]{1,60})\/([1-9]\d{0,5})\.log$/,
  artifacts: /^artifacts\/(job_[A-Za-z0-9]{1,60})\/(art_[A-Za-z0-9]{1,60})$/,
  content: /^(bundles|apps)\/([A-Za-z0-9][A-Za-z0-9._@+:-]{0,127})\/([0-9a-f]{64})$/,
} as const;

/** Whether a file of a backup may be called so. */
export const isFileName = (name: string): boolean =>
  Object.values(namePatterns).some((pattern) => pattern.test(name));

/** Keeps the files of a backup that the rows of its database name, and refuses all others. */
export class BlobKeeper {
  readonly #blobs: Blobs;
  readonly #reader: Reader;
  /** Files that were left out, since their bytes are not those of their row. */
  spoilt = 0;

  constructor(blobs: Blobs, reader: Reader) {
    this.#blobs = blobs;
    this.#reader = reader;
  }

  /** Errors: `badBackup`, those of the disk. */
  async keep(entry: Entry): Promise<void> {
    const work = this.#log(entry) ?? this.#artifact(entry) ?? this.#content(entry);
    if (!work) throw badBackup(`it holds ${shown(entry.name)}, which is no file of a backup`);
    try {
      await work;
    } catch (error) {
      if (!(error instanceof QgjobError) || error.code !== 'invalid') throw error;
      this.spoilt += 1;
    }
  }

  #log({ name, size, body }: Entry): Promise<void> | undefined {
    const [, jobId, attempt] = namePatterns.logs.exec(name) ?? [];
    if (jobId === undefined) return undefined;
    return (async () => {
      this.#find(name, 'SELECT 1 AS size FROM attempts WHERE job_id = ?1 AND attempt = ?2', [
        jobId,
        Number(attempt),
      ]);
      if (size > limits.logBytes) throw badBackup(`${shown(name)} is too large`);
      let at = 0;
      for await (const piece of body) at = await this.#blobs.logs.append(jobId, Number(attempt), at, piece);
    })();
  }

  #artifact(entry: Entry): Promise<void> | undefined {
    const [, jobId, artifactId] = namePatterns.artifacts.exec(entry.name) ?? [];
    if (jobId === undefined || artifactId === undefined) return undefined;
    return (async () => {
      const sql = 'SELECT size, sha256 FROM artifacts WHERE id = ?2 AND job_id = ?1';
      const expected = this.#expect(entry, sql, [jobId, artifactId]);
      const received = await this.#blobs.artifacts.receive(entry.body, { ...expected, maxBytes: entry.size });
      await received.keep({ jobId, artifactId });
    })();
  }

  #content(entry: Entry): Promise<void> | undefined {
    const [, kind, orgId, sha256] = namePatterns.content.exec(entry.name) ?? [];
    if (kind === undefined || orgId === undefined || sha256 === undefined) return undefined;
    return (async () => {
      const table = kind === 'apps' ? 'app_versions' : 'bundles';
      const sql = `SELECT size, sha256 FROM ${table} WHERE org_id = ?1 AND sha256 = ?2 AND size IS NOT NULL`;
      const { size } = this.#expect(entry, sql, [orgId, sha256]);
      await this.#blobs[kind as 'bundles' | 'apps'].keep({ orgId, sha256 }, entry.body, size);
    })();
  }

  #expect({ name, size }: Entry, sql: string, args: readonly (string | number)[]) {
    const row = this.#find(name, sql, args);
    if (Number(row.size) !== size) throw badBackup(`${shown(name)} is of another length than its row says`);
    return { size, sha256: String(row.sha256) };
  }

  #find(name: string, sql: string, args: readonly (string | number)[]): Readonly<Record<string, unknown>> {
    const [row] = this.#reader.rows(sql, args);
    if (!row) throw badBackup(`it holds ${shown(name)}, which no row of its database names`);
    return row;
  }
}
