import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stats } from '../../protocol/shapes/admin.ts';
import { type BenchAgent, bearer, keepAlive, makeTenant, registerAgent, type Tenant } from './api.ts';
import { Connection } from './connection.ts';
import { agentCount, devicesPerAgent, type HttpQueue, httpVerbs, Ledger, target } from './http-queue.ts';
import { Connections } from './load.ts';
import { type Place, startOnFile, startOnSqld } from './places.ts';
import type { OpenSide, Side } from './side.ts';

/** An org with its agents, which send heartbeats until it is closed. */
interface ActiveTenant extends Omit<HttpQueue, 'connections'> {
  readonly tenant: Tenant;
  readonly ledger: Ledger;
  close(): void;
}

/** Servers on one libSQL server, by the variant of the side. */
const serversOnSqld: Readonly<Record<string, number>> = { sqld: 1, 'sqld-2': 2 };

/** qgjob as it ships, over HTTP; without a variant one server on a file. This process plays client and agents. */
const openOurs: OpenSide = async (dir, variant = '') => {
  const servers = serversOnSqld[variant];
  const place = await (servers ? startOnSqld(dir, servers) : startOnFile(dir));
  const connections = new Connections(place.urls);
  let tenants = 0;
  const nextTenant = () => {
    tenants += 1;
    return openTenant(place, `bench-${tenants}`);
  };
  let active = await nextTenant();
  return {
    about: about(place),
    ...httpVerbs(place.urls, () => ({ ...active, connections })),
    // Rows of earlier phases stay, as on a server in use; the next phase has an org of its own.
    async reset() {
      active.ledger.check('qgjob', await countLeft(place, active));
      active.close();
      active = await nextTenant();
    },
    async close() {
      active.close();
      connections.close();
      await place.stop();
    },
  } satisfies Side;
};

export default openOurs;

function about({ urls, durability }: Place): Side['about'] {
  const file = join(import.meta.dirname, '../../package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  const servers = urls.length === 1 ? 'one server' : `${urls.length} servers`;
  return {
    version,
    durability,
    settings: `${servers}, over HTTP with tokens, fences, events and idempotency keys; ${agentCount} agents with ${devicesPerAgent} devices each, leases of up to 16 jobs`,
  };
}

async function openTenant({ urls, adminToken }: Place, orgId: string): Promise<ActiveTenant> {
  const [url = ''] = urls;
  const tenant = await makeTenant(url, adminToken, orgId);
  const connection = await Connection.open(url);
  const agents: BenchAgent[] = [];
  for (let n = 0; n < agentCount; n += 1) {
    const targets = Array.from({ length: devicesPerAgent }, () => target);
    agents.push(await registerAgent(connection, tenant, `rack-${n}`, targets));
  }
  const timer = keepAlive(connection, tenant, agents);
  return {
    tenant,
    devices: agents.flatMap((agent) => agent.devices),
    ledger: new Ledger(),
    close() {
      clearInterval(timer);
      connection.close();
    },
  };
}

/** Jobs of the org that are not final, as its own figures say. */
async function countLeft({ urls, adminToken }: Place, { tenant }: ActiveTenant): Promise<number> {
  const connection = await Connection.open(urls[0] ?? '');
  const path = `/v1/stats?org_id=${tenant.orgId}`;
  const { status, text } = await connection.send('GET', path, bearer(adminToken));
  connection.close();
  if (status !== 200) throw new Error(`${path} was answered ${status}: ${text}`);
  const { jobs } = JSON.parse(text) as Stats;
  return jobs.waiting + jobs.queued + jobs.scheduled + jobs.running;
}
