import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import type { Borrow } from '../../protocol/shapes/borrow.ts';
import { isTarget } from '../../protocol/targets.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { findDevice } from '../fleet/switch-device.ts';
import { addConnection, duration } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';
import { describeBorrow, describeWaiting } from './describe-borrow.ts';
import { waitForDevice } from './wait-for-device.ts';

interface Flags extends ConnectionFlags {
  /** In ms. */
  readonly for: number;
  readonly note?: string;
  readonly orgId?: string;
  /** False: `--no-wait`. */
  readonly wait: boolean;
  /** In ms. */
  readonly timeout?: number;
  readonly json?: true;
}

/** Defines `qgjob devices borrow`. */
export function defineBorrow(command: Command, done: (exitCode: number) => void): void {
  command
    .summary('have a device for yourself for a while')
    .description(
      'Have a device for yourself: no test runs on it until you give it back or the time is over. You wait in the same queue as the jobs: behind those that came before, and never in the middle of a test. Of a device that you have it sets a later end.',
    )
    .argument('<device>', 'its name or id, as `qgjob devices` shows it, or a target: any device of it')
    .requiredOption('--for <time>', 'how long, like 30m; at most 8h', duration)
    .option('--note <text>', 'what for: others of your org see it')
    .option('--org-id <id>', 'the org that borrows; by default the one that the token belongs to')
    .option('--no-wait', 'do not wait for it: print the place in the queue')
    .option('--timeout <time>', 'give up after so long, like 10m', duration)
    .option('--json', 'print the Borrow on one line');
  addConnection(command).action(async (named: string, flags: Flags) => done(await borrow(named, flags)));
}

async function borrow(named: string, flags: Flags): Promise<number> {
  const client = connect(flags);
  const asked = await ask(client, named, flags);
  const { borrow: got, exitCode } =
    asked.status === 'waiting' && flags.wait
      ? await waitForDevice(client, asked, flags.timeout)
      : { borrow: asked, exitCode: exitCodes.success };
  if (flags.json) printJson(got);
  else if (got.status === 'active') for (const line of describeBorrow(got)) print(line);
  else if (got.status === 'waiting') for (const line of describeWaiting(got)) print(line);
  else if (exitCode === exitCodes.success) {
    say(`qgjob: it has ended (${got.ended_as})`);
    return exitCodes.refused;
  }
  return exitCode;
}

async function ask(client: Client, named: string, flags: Flags): Promise<Borrow> {
  const subject =
    isTarget(named) && !(await isDevice(client, named))
      ? { target: named }
      : { device_id: (await findDevice(client, named)).device_id };
  return client.call('createBorrow', {
    body: {
      ...subject,
      minutes: Math.ceil(flags.for / 60_000),
      note: flags.note,
      org_id: flags.orgId,
      on_client_gone: flags.wait ? 'cancel' : 'keep',
    },
    // A request whose answer was lost is sent again and is one borrow.
    idempotencyKey: randomUUID(),
  });
}

/** A device may have the name of a target. */
const isDevice = (client: Client, named: string): Promise<boolean> =>
  findDevice(client, named).then(
    () => true,
    (error: unknown) => {
      if (error instanceof QgjobError && error.code === 'invalid') return false;
      throw error;
    },
  );
