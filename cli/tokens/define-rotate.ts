import type { Command } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import { nameOfToken } from '../../protocol/token-name.ts';
import { type ConnectionFlags, findConnection } from '../config.ts';
import { connectTo } from '../connect.ts';
import { addConnection, wholeNumber } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';
import { atDay } from './token-table.ts';

interface Flags extends ConnectionFlags {
  readonly own?: true;
  readonly overlapMinutes?: number;
  readonly json?: true;
}

export function defineRotate(command: Command): void {
  command
    .summary('replace a token by another one; it is shown once')
    .description(
      'Replace a token by another one with the same name, org, scopes and agents, and print that, alone on stdout. ' +
        'The old one goes on for the overlap. Of an operator it also goes into admin.token, where the server has the old one there.',
    )
    .argument('[id]', 'its id, as `qgjob tokens list` shows it')
    .option('--own', 'the token of this call itself')
    .option('--overlap-minutes <number>', 'so long the old one stays good: at most 10080', wholeNumber, 60)
    .option('--json', 'print the answer of the server');
  addConnection(command).action(rotate);
}

async function rotate(id: string | undefined, { own, overlapMinutes, json, ...flags }: Flags): Promise<void> {
  if ((id === undefined) !== (own === true))
    throw new QgjobError('invalid', 'give either the id of a token, or --own for the one of this call');
  const found = findConnection(flags);
  const wanted = id ?? nameOfToken(found.token)?.id ?? '';
  const made = await connectTo(found).call('rotateToken', {
    params: { id: wanted },
    body: { overlap_minutes: overlapMinutes },
  });
  if (json) return printJson(made);
  print(made.token);
  const until = made.expires_at === null ? '' : `, until ${atDay(made.expires_at)}`;
  say(
    `token ${made.token_id} replaces ${wanted}${until}; it is not shown again, and the old one ends in ${overlapMinutes} minutes`,
  );
}
