import {
  type BenchAgent,
  type BenchDevice,
  keepAlive,
  makeTenant,
  registerAgent,
  type Tenant,
} from './api.ts';
import { Connection } from './connection.ts';
import { Connections } from './load.ts';
import { manyTarget, measurePolls, oneTarget, type PollFigures } from './measure-polls.ts';
import type { Sizes } from './options.ts';
import { startServerProcess } from './server-process.ts';

/** A server of its own for one round with long polls. */
export interface Polls {
  measure(sizes: Sizes): Promise<PollFigures>;
  close(): Promise<void>;
}

const devicesPerAgent = 200;

export default async function openPolls(dir: string): Promise<Polls> {
  const server = await startServerProcess(dir);
  const connections = new Connections([server.url]);
  const connection = await Connection.open(server.url);
  const tenant = await makeTenant(server.url, server.adminToken, 'bench');
  let heartbeats: NodeJS.Timeout | undefined;
  return {
    async measure(sizes) {
      const many = await registerMany(connection, tenant, sizes.polls);
      const one = await registerAgent(connection, tenant, 'single', [oneTarget]);
      heartbeats = keepAlive(connection, tenant, [...many, one]);
      const devices = many.flatMap((agent) => agent.devices);
      const setup = { server, tenant, connections, sizes, manyDevices: devices };
      return measurePolls({ ...setup, oneDevice: one.devices[0] as BenchDevice });
    },
    async close() {
      clearInterval(heartbeats);
      connection.close();
      connections.close();
      await server.stop();
    },
  };
}

async function registerMany(
  connection: Connection,
  tenant: Tenant,
  devices: number,
): Promise<readonly BenchAgent[]> {
  const agents: BenchAgent[] = [];
  for (let left = devices; left > 0; left -= devicesPerAgent) {
    const targets = Array<string>(Math.min(left, devicesPerAgent)).fill(manyTarget);
    agents.push(await registerAgent(connection, tenant, `rack-${agents.length}`, targets));
  }
  return agents;
}
