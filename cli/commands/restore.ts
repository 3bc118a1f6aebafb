import type { Command } from 'commander';
import type { BackupManifest } from '../../protocol/backup.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import { plural } from '../../protocol/words.ts';
import type { RestoredFolder } from '../../server/offline-restore.ts';
import { LiveLine } from '../output/live-line.ts';
import { print, printJson, say } from '../output/print.ts';

interface Flags {
  readonly dataDir?: string;
  readonly databaseUrl?: string;
  readonly force?: true;
  readonly intoSharedStore?: true;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description(
      'Make the data folder of a server from a backup. The backup is checked first; nothing of the folder is touched ' +
        'before that. No server may run there. Tokens are those of the moment of the backup.',
    )
    .argument('<file>', 'a file that `qgjob backup` wrote; - is stdin')
    .option('--data-dir <folder>', "the server's folder (QGJOB_DATA_DIR, default .qgjob)")
    .option(
      '--database-url <url>',
      'the database, where it is not in that folder: file:PATH, or an empty one of a libSQL server (QGJOB_DATABASE_URL)',
    )
    .option('--force', 'move a database that is there aside, with its files')
    .option(
      '--into-shared-store',
      'let files go to the bucket or folder of QGJOB_S3_* or QGJOB_BLOB_DIR: they are added there, and logs of jobs that had not ended are replaced',
    )
    .option('--json', 'print what was restored as JSON')
    .action(restore);
}

async function restore(backup: string, { dataDir, databaseUrl, ...flags }: Flags): Promise<void> {
  const { restoreOffline } = await import('../../server/offline-restore.ts');
  const line = new LiveLine();
  let bytes = 0;
  const onProgress = (what: string, more: number): void => {
    bytes += more;
    line.draw(() => `${what}: ${formatBytes(bytes)}`);
  };
  try {
    const { force = false, intoSharedStore: intoShared = false } = flags;
    const given = { backup, force, intoShared, onProgress };
    const restored = await restoreOffline({ data_dir: dataDir, database_url: databaseUrl }, given);
    line.clear();
    if (flags.json) printJson(toJson(restored));
    else tell(restored);
  } finally {
    line.clear();
  }
}

const toJson = ({ dataDir, manifest, end, spoilt, movedTo, hasToken }: RestoredFolder) => ({
  ...{ data_dir: dataDir, manifest, ...end, spoilt, moved_to: movedTo, has_token: hasToken },
});

function tell({ dataDir, manifest, end, spoilt, movedTo, hasToken }: RestoredFolder): void {
  print(`restored into ${dataDir}: ${whatOf(manifest)}, as of ${manifest.taken_at}`);
  for (const folder of movedTo) say(`what was there before is in ${folder}`);
  if (!manifest.files) say('the backup was made without logs, artifacts, bundles and builds of apps');
  const lost = end.missing + spoilt;
  if (lost > 0)
    say(
      `${plural(lost, 'file')} ${lost === 1 ? 'is' : 'are'} missing: deleted before the backup had come to ${lost === 1 ? 'it' : 'them'}, or damaged`,
    );
  if (dataDir.includes('://')) {
    say(
      "next: start the servers; the operator's token is the one of before, or `qgjob tokens recover` makes another",
    );
    return;
  }
  const token = hasToken
    ? ''
    : `; the operator's token is the one of before, or \`qgjob tokens recover --data-dir=${dataDir}\` makes another`;
  say(`next: \`qgjob server --data-dir=${dataDir}\`${token}`);
}

const whatOf = ({ rows }: BackupManifest): string =>
  `${plural(rows.jobs ?? 0, 'job')} in ${plural(rows.runs ?? 0, 'run')}`;
