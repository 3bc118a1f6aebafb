import type { Command } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import { environment } from '../config.ts';
import { print, printJson, say } from '../output/print.ts';
import { profilesFile } from '../profiles/profiles-file.ts';
import { readProfiles } from '../profiles/read-profiles.ts';
import { dropProfile } from '../profiles/write-profiles.ts';

export function define(command: Command): void {
  command
    .description(
      'Remove the token that `qgjob login` kept. The token itself stays good: `qgjob tokens revoke` ends it.',
    )
    .argument('[url]', 'of this server (that of the last login)')
    .option('--json', 'print {"server_url"}')
    .action(logout);
}

function logout(address: string | undefined, { json }: { readonly json?: true }): void {
  const path = profilesFile(environment());
  const url = address ?? readProfiles(path).main?.url;
  if (url === undefined)
    throw new QgjobError('not_found', 'there is no login; `qgjob login <url>` makes one');
  const { origin } = URL.parse(url) ?? {};
  if (origin === undefined) throw new QgjobError('invalid', `"${url}" is no address of a server`);
  if (!dropProfile(path, origin))
    throw new QgjobError('not_found', `there is no login for ${origin} in ${path}`);
  if (json) printJson({ server_url: origin });
  else print(`signed out of ${origin}`);
  say('the token itself stays good until its end; `qgjob tokens revoke` ends it at once');
}
