import type { Command } from 'commander';
import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Device } from '../../protocol/shapes/fleet.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection } from '../options.ts';
import { printJson, say } from '../output/print.ts';
import { readDevices } from './read-fleet.ts';

/** Defines `qgjob devices pause` and `resume`. */
export function defineSwitch(
  command: Command,
  what: { summary: string; description: string; paused: boolean },
): void {
  command
    .summary(what.summary)
    .description(what.description)
    .argument('<device>', 'its name, as `qgjob devices` shows it, or its id')
    .option('--json', 'print the Device');
  addConnection(command).action(async (named: string, flags: ConnectionFlags & { readonly json?: true }) => {
    const client = connect(flags);
    const { device_id: id, name } = await findDevice(client, named);
    const device = await client.call('patchDevice', { params: { id }, body: { paused: what.paused } });
    if (flags.json) printJson(device);
    else say(`${name} is ${device.status}`);
  });
}

/** By its id, or by a name that only one device has. Errors: `invalid`. */
export async function findDevice(client: Client, named: string): Promise<Device> {
  const devices = await readDevices(client, undefined);
  const found = devices.filter(({ device_id, name }) => device_id === named || name === named);
  const [first] = found;
  if (found.length === 1 && first) return first;
  const why =
    found.length === 0
      ? `there is no device ${named}: qgjob devices lists them`
      : `${found.length} devices are named ${named}: give an id, one of ${found.map((one) => one.device_id).join(', ')}`;
  throw new QgjobError('invalid', why);
}
