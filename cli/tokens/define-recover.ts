import type { Command } from 'commander';
import { print, printJson, say } from '../output/print.ts';

interface Flags {
  readonly dataDir?: string;
  readonly databaseUrl?: string;
  readonly databaseAuthToken?: string;
  readonly revokeOthers?: true;
  readonly json?: true;
}

export function defineRecover(command: Command): void {
  command
    .summary("make another operator's token, for whoever holds the database")
    .description(
      "Make another operator's token and write it to admin.token in the server's folder; prints the name of that file. " +
        'It needs no token, but the database itself: no server may run on a database file; beside one of a libSQL server they may.',
    )
    .option('--data-dir <folder>', "the server's folder (QGJOB_DATA_DIR, default .qgjob)")
    .option('--database-url <url>', 'the database, where it is not in that folder (QGJOB_DATABASE_URL)')
    .option('--database-auth-token <token>', 'token of the libSQL server (QGJOB_DATABASE_AUTH_TOKEN)')
    .option('--revoke-others', "end the operator's tokens of before, at once")
    .option('--json', 'print {"file", "revoked"}, how many ended')
    .action(recover);
}

async function recover({
  dataDir,
  databaseUrl,
  databaseAuthToken,
  revokeOthers,
  json,
}: Flags): Promise<void> {
  const { recoverToken } = await import('../../server/recover-token.ts');
  const settings = { data_dir: dataDir, database_url: databaseUrl, database_auth_token: databaseAuthToken };
  const { file, revoked } = await recoverToken(settings, { revokeOthers: revokeOthers === true });
  if (json) return printJson({ file, revoked });
  print(file);
  const others =
    revoked > 0 ? 'those of before have ended' : 'those of before are still good (--revoke-others ends them)';
  say(`it holds another operator's token; ${others}`);
}
