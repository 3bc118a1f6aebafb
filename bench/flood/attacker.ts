// One attack, in a process of its own so that it does not slow the org that is measured by more than it takes of the
// machine. Says what was answered, then keeps it up until its stdin ends.

import { mintToken } from '../../server/auth/token-format.ts';
import { badTokens, deafReaders, halfOpen, idleStreams } from '../../test/attacks/lab/attackers.ts';

const [kind, url = '', token = '', path = ''] = process.argv.slice(2);

const attacks = {
  'half-open': () => halfOpen(url, 500),
  streams: () => idleStreams(url, token, 2000),
  'bad-tokens': () => badTokens(url, 10_000, () => mintToken('sub').token),
  'deaf-readers': () => deafReaders(url, token, path, 64),
};

process.stdin.once('end', () => process.exit(0)).resume();
const { answers } = await attacks[kind as keyof typeof attacks]();
process.stdout.write(`${JSON.stringify(answers)}\n`);
