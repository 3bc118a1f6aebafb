import { type BenchDevice, bearer, type Tenant } from '../../api.ts';
import { Connection } from '../../connection.ts';
import { agentCount, devicesPerAgent, httpVerbs, Ledger } from '../../http-queue.ts';
import { Connections } from '../../load.ts';
import type { OpenSide, Side } from '../../side.ts';
import { startPeerServer } from './start-peer-server.ts';

/** A peer behind the HTTP of ours, driven by the client that drives ours. `variant`: the module of the peer. */
const openHttpSide: OpenSide = async (dir, variant = '') => {
  const server = await startPeerServer(variant, dir);
  const authorization = bearer(server.token);
  const control = await Connection.open(server.url);
  const send = async (method: string, path: string): Promise<string> => {
    const { status, text } = await control.send(method, path, authorization);
    if (status > 299) throw new Error(`${variant}: ${path} was answered ${status}: ${text}`);
    return text;
  };
  await send('POST', '/empty');
  const tenant: Tenant = { orgId: 'bench', submit: authorization, agent: authorization };
  const connections = new Connections([server.url]);
  let ledger = new Ledger();
  return {
    about: server.about,
    ...httpVerbs([server.url], () => ({ connections, tenant, devices, ledger })),
    async reset() {
      const { left } = JSON.parse(await send('GET', '/left')) as { left: number };
      ledger.check(variant, left);
      await send('POST', '/empty');
      ledger = new Ledger();
    },
    async close() {
      control.close();
      connections.close();
      await server.stop();
    },
  } satisfies Side;
};

export default openHttpSide;

/** As many as our side has; peers know no devices. */
const devices: readonly BenchDevice[] = Array.from({ length: agentCount * devicesPerAgent }, (_, n) => ({
  deviceId: `device-${n}`,
  bootId: 'boot-of-the-bench',
}));
