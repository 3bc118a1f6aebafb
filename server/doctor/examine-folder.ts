import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Finding, ok, problem, warning } from '../../host/finding.ts';
import { formatBytes } from '../../protocol/sizes.ts';

const fewBytes = 5 * 2 ** 30;

/**
 * The folders of a server on this host: room, and who may read what is in them. `minFreeBytes`: the setting, below twice which
 * no upload is taken.
 */
export function examineFolders(dataDir: string, blobs: string | undefined, minFreeBytes: number): Finding[] {
  return [
    ...examineFree([dataDir, ...(blobs === undefined ? [] : [blobs])], 2 * minFreeBytes),
    ...examineModes(dataDir),
    ...(blobs === undefined ? [] : [examineBlobs(blobs)]),
    ...examineLeft(dataDir),
  ];
}

/** The folder itself, or the nearest one above that is there. */
const there = (folder: string): string =>
  existsSync(folder) || dirname(folder) === folder ? folder : there(dirname(folder));

function examineFree(folders: readonly string[], leastBytes: number): Finding[] {
  const places = new Map(folders.map((folder) => [statSync(there(folder)).dev, there(folder)]));
  return [...places.values()].map((folder) => {
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    const says = `${formatBytes(free)} are free in ${folder}`;
    const cure = `free some space, or set QGJOB_RETENTION_DAYS and QGJOB_MAX_BLOB_BYTES lower: below ${formatBytes(leastBytes)}, twice QGJOB_MIN_FREE_BYTES, no upload is taken, and below that itself no run`;
    if (free < leastBytes) return problem('disk', says, cure);
    return free < Math.max(fewBytes, 2 * leastBytes) ? warning('disk', says, cure) : ok('disk', says);
  });
}

const secrets = ['admin.token', 'qgjob.db', 'qgjob.db-wal'];

function examineModes(dataDir: string): Finding[] {
  const open = [dataDir, ...secrets.map((name) => join(dataDir, name))].filter((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    // Others may pass through the folder where each file in it is private.
    return found !== undefined && (found.mode & (path === dataDir ? 0o022 : 0o077)) !== 0;
  });
  if (open.length > 0)
    return [
      problem(
        'private',
        `others may read or change ${open.join(', ')}`,
        `chmod go= ${open.join(' ')}; if others were on this host, qgjob tokens recover --revoke-others`,
      ),
    ];
  const token = join(dataDir, 'admin.token');
  return existsSync(token)
    ? [ok('private', `the token and the database are for their owner alone`)]
    : [
        warning(
          'private',
          `there is no ${token}`,
          'nothing, where the operator has the token; else qgjob tokens recover',
        ),
      ];
}

function examineBlobs(folder: string): Finding {
  try {
    accessSync(there(folder), constants.R_OK | constants.W_OK | constants.X_OK);
    return ok('files', `logs, artifacts, bundles and builds are in ${folder}`);
  } catch (error) {
    return problem('files', (error as Error).message, 'give the folder to the user that the server runs as');
  }
}

/** What an operator may have forgotten. */
function examineLeft(dataDir: string): Finding[] {
  const asides = (existsSync(dataDir) ? readdirSync(dataDir) : []).filter((name) =>
    name.startsWith('before-restore-'),
  );
  if (asides.length === 0) return [];
  const paths = asides.map((name) => join(resolve(dataDir), name));
  return [
    warning(
      'left',
      `what restores have moved aside: ${paths.join(', ')}`,
      'delete it once the restored server is as it should be',
    ),
  ];
}
