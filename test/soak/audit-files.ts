import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Lab } from '../faults/lab.ts';
import type { Lives } from './lives.ts';

/** Files that were being written at a kill may be a little younger than the signal. */
const slackMs = 1000;

/** Each file belongs to a row and each row has its file. Files from before the last SIGKILL may be left: the sweeper's work. */
export function auditFiles({ dataDir }: Lab, database: DatabaseSync, { killedAt }: Lives): string[] {
  const blobs = join(dataDir, 'blobs');
  const isExplained = ({ at }: Found): boolean => at < killedAt + slackMs;
  const rows = new Map(
    database
      .prepare('SELECT job_id, id, size FROM artifacts')
      .all()
      .map(({ job_id, id, size }) => [join('artifacts', String(job_id), String(id)), Number(size)]),
  );
  const jobs = new Set(
    database
      .prepare('SELECT id FROM jobs')
      .all()
      .map(({ id }) => String(id)),
  );
  const files = findFiles(blobs);
  const isKnown = ({ path }: Found): boolean => {
    const [kind, job = ''] = path.split('/');
    return kind === 'logs' ? jobs.has(job) : rows.has(path);
  };
  const sizes = new Map(files.map(({ path, size }) => [path, size]));
  return [
    ...files
      .filter((file) => !isKnown(file) && !isExplained(file))
      .map(({ path }) => `no row knows the file ${path}`),
    ...[...rows]
      .filter(([path, size]) => sizes.get(path) !== size)
      .map(([path, size]) => `the file ${path} has ${sizes.get(path)} bytes, its row says ${size}`),
  ].slice(0, 20);
}

interface Found {
  /** Below the folder of all files. */
  readonly path: string;
  readonly size: number;
  /** Of the last change, epoch ms. */
  readonly at: number;
}

function findFiles(folder: string, below = ''): Found[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return findFiles(folder, path);
    const { size, mtimeMs } = statSync(join(folder, path));
    return [{ path, size, at: mtimeMs }];
  });
}
