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
import { crowded, lonely, measurePolls, type PollFigures } from './measure-polls.ts';
import { startServerProcess } from './server-process.ts';
import type { Sizes } from './sizes.ts';

/** A server of its own for one round of held polls. */
export interface Polls {
  measure(sizes: Sizes): Promise<PollFigures>;
  close(): Promise<void>;
}

const devicesPerAgent = 200;

export default async function openPolls(dir: string): Promise<Polls> {
  const server = await startServerProcess(dir);
  const connections = new Connections(server.url);
  const connection = await Connection.open(server.url);
  const tenant = await makeTenant(server.url, server.adminToken, 'bench');
  let beat: NodeJS.Timeout | undefined;
  return {
    async measure(sizes) {
      const crowd = await registerCrowd(connection, tenant, sizes.polls);
      const loner = await registerAgent(connection, tenant, 'loner', [lonely]);
      beat = keepAlive(connection, tenant, [...crowd, loner]);
      const devices = crowd.flatMap((agent) => agent.devices);
      const lab = { server, tenant, connections, sizes, crowd: devices };
      return measurePolls({ ...lab, loner: loner.devices[0] as BenchDevice });
    },
    async close() {
      clearInterval(beat);
      connection.close();
      connections.close();
      await server.stop();
    },
  };
}

async function registerCrowd(
  connection: Connection,
  tenant: Tenant,
  devices: number,
): Promise<readonly BenchAgent[]> {
  const agents: BenchAgent[] = [];
  for (let left = devices; left > 0; left -= devicesPerAgent) {
    const targets = Array<string>(Math.min(left, devicesPerAgent)).fill(crowded);
    agents.push(await registerAgent(connection, tenant, `rack-${agents.length}`, targets));
  }
  return agents;
}
