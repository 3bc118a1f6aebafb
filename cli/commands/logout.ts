import type { Command } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import { nameOfToken } from '../../protocol/token-name.ts';
import { environment } from '../config.ts';
import { connectTo } from '../connect.ts';
import { print, printJson, say } from '../output/print.ts';
import { profilesFile } from '../profiles/profiles-file.ts';
import { type Profile, readProfiles } from '../profiles/read-profiles.ts';
import { dropProfile } from '../profiles/write-profiles.ts';

export function define(command: Command): void {
  command
    .description(
      'Remove the token that `qgjob login` kept. The token itself stays good, unless --revoke ends it.',
    )
    .argument('[url]', 'of this server (that of the last login)')
    .option('--revoke', 'end the token itself first, with all that were made by it')
    .option('--json', 'print {"server_url", "revoked"}')
    .action(logout);
}

interface Flags {
  readonly revoke?: true;
  readonly json?: true;
}

async function logout(address: string | undefined, { revoke, json }: Flags): Promise<void> {
  const path = profilesFile(environment());
  const profiles = readProfiles(path);
  const url = address ?? profiles.main?.url;
  if (url === undefined)
    throw new QgjobError('not_found', 'there is no login; `qgjob login <url>` makes one');
  const { origin } = URL.parse(url) ?? {};
  if (origin === undefined) throw new QgjobError('invalid', `"${url}" is no address of a server`);
  const kept = profiles.of(origin);
  if (!kept) throw new QgjobError('not_found', `there is no login for ${origin} in ${path}`);
  // First: where that fails the token is still here to be revoked.
  const revoked = revoke === true && (await revokeKept(kept, path));
  dropProfile(path, origin);
  if (json) printJson({ server_url: origin, revoked });
  else print(`signed out of ${origin}`);
  if (revoked) say('the token is revoked: nothing works with it any more');
  else if (!revoke)
    say('the token itself stays good until its end; `qgjob logout --revoke` would have ended it');
}

/** False where it had ended before. Errors: those of the call. */
async function revokeKept({ url, token }: Profile, path: string): Promise<boolean> {
  const id = nameOfToken(token)?.id ?? '';
  try {
    await connectTo({ url, token, urlFrom: path, tokenFrom: path }).call('deleteToken', { params: { id } });
    return true;
  } catch (error) {
    if (!(error instanceof QgjobError) || error.code !== 'unauthorized') throw error;
    say('the token had ended before');
    return false;
  }
}
