import type { Client } from '../../client/index.ts';
import { readDevices } from './read-fleet.ts';

/** The names of all devices that the caller may see, by their ids. */
export const readDeviceNames = async (client: Client): Promise<Map<string, string>> =>
  new Map((await readDevices(client, undefined)).map(({ device_id: id, name }) => [id, name]));
