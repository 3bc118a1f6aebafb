import type { Command } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import { type ConnectionFlags, environment, findLogin } from '../config.ts';
import { connectTo } from '../connect.ts';
import { askToken } from '../login/ask-token.ts';
import { addConnection } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';
import { profilesFile } from '../profiles/profiles-file.ts';
import { keepProfile } from '../profiles/write-profiles.ts';
import { endOf, ownerOf } from '../whoami/describe-whoami.ts';

export function define(command: Command): void {
  command
    .description(
      'Keep the token of a server in a file of yours, so that later commands need neither address nor token. ' +
        'Asks for it, or reads it from stdin, and checks it first. It is sent to the origin of this server alone.',
    )
    .argument('[url]', "the server's address")
    .option('--json', 'print {"server_url", "file", "whoami"}');
  addConnection(command).action(login);
}

interface Flags extends ConnectionFlags {
  readonly json?: true;
}

async function login(address: string | undefined, { json, ...given }: Flags): Promise<void> {
  const flags = address === undefined ? given : { ...given, serverUrl: address };
  const { server, token: ofFlag } = findLogin(flags);
  if (server.by === 'file') throw new QgjobError('invalid', whyNotOfFile(server.value));
  const token = ofFlag?.value ?? (await askToken(server.value));
  const found = { url: server.value, token, urlFrom: server.from, tokenFrom: ofFlag?.from ?? 'stdin' };
  const who = await connectTo(found).call('whoami');
  const path = profilesFile(environment());
  keepProfile(path, { url: found.url, token });
  if (json) {
    printJson({ server_url: found.url, file: path, whoami: who });
    return sayWhatWins();
  }
  print(`signed in to ${found.url}: ${ownerOf(who)}, ${endOf(who)}`);
  say(`the token is in ${path}, readable for you alone; \`qgjob logout\` removes it`);
  sayWhatWins();
  say('next: `qgjob runs` lists what ran, `qgjob submit --help` shows how to run tests');
}

/** Anybody who can write a file of the folder would get the token. */
const whyNotOfFile = (url: string): string =>
  `qgjob.config.json of this folder names ${url}, and a file in a folder gets no token unasked: if you trust that server, sign in with \`qgjob login ${url}\``;

/** A login that has no effect would be puzzling. */
function sayWhatWins(): void {
  const set = ['QGJOB_SERVER_URL', 'QGJOB_TOKEN'].filter((name) => environment()[name]);
  if (set.length > 0)
    say(`warning: ${set.join(' and ')} of the environment ${set.length > 1 ? 'go' : 'goes'} before it`);
}
