import type { Command } from 'commander';
import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { idPrefixes } from '../../protocol/ids.ts';
import type { Borrow } from '../../protocol/shapes/borrow.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { findDevice } from '../fleet/switch-device.ts';
import { addConnection, duration } from '../options.ts';
import { printJson, say } from '../output/print.ts';
import { clockOf } from './clock-of.ts';

interface Flags extends ConnectionFlags {
  readonly json?: true;
}

const named = 'its name or id, as `qgjob devices` shows it, or the id of the borrow';

/** Defines `qgjob devices return`. */
export function defineReturn(command: Command): void {
  command
    .summary('give back a device that you have')
    .description(
      'Give back a device, or give up waiting for it. Whoever of the org has borrowed it: all of the org may.',
    )
    .argument('<device>', named)
    .option('--json', 'print the Borrow on one line');
  addConnection(command).action(async (given: string, flags: Flags) => {
    const client = connect(flags);
    const borrow = await giveBack(client, given);
    if (flags.json) return printJson(borrow);
    const name = borrow.device?.name ?? borrow.target;
    say(borrow.ended_as === 'cancelled' ? `nobody waits for ${name} any more` : `${name} is given back`);
  });
}

async function giveBack(client: Client, given: string): Promise<Borrow> {
  if (isBorrow(given)) return client.call('returnBorrow', { params: { id: given } });
  const { device_id: id } = await findDevice(client, given);
  return client.call('returnDevice', { params: { id } });
}

const isBorrow = (given: string): boolean => given.startsWith(idPrefixes.borrow);

/** Defines `qgjob devices extend`. */
export function defineExtend(command: Command): void {
  command
    .summary('keep a device that you have for longer')
    .description('Keep a device that you have: for so long from now on. An end that is later stays.')
    .argument('<device>', named)
    .requiredOption('--for <time>', 'how long from now on, like 30m; at most 8h', duration)
    .option('--json', 'print the Borrow on one line');
  addConnection(command).action(async (given: string, flags: Flags & { readonly for: number }) => {
    const client = connect(flags);
    const params = { id: isBorrow(given) ? given : await borrowOf(client, given) };
    const body = { minutes: Math.ceil(flags.for / 60_000) };
    const borrow = await client.call('extendBorrow', { params, body });
    if (flags.json) return printJson(borrow);
    const { device, target, borrowed_until: until } = borrow;
    say(`${device?.name ?? target} is yours until ${until === null ? 'later' : clockOf(until)}`);
  });
}

async function borrowOf(client: Client, given: string): Promise<string> {
  const { borrow_id: id, name, status } = await findDevice(client, given);
  if (id !== null) return id;
  const why =
    status === 'borrowed'
      ? 'is borrowed by another org'
      : `is not borrowed: \`qgjob devices borrow ${name}\` does that`;
  throw new QgjobError('conflict', `${name} ${why}`);
}
