import type { Registered } from '../../protocol/shapes/registration.ts';
import { Connection } from './connection.ts';

/** A header line. */
export const bearer = (token: string): string => `authorization: Bearer ${token}\r\n`;

/** One call; its parsed answer, or undefined if it is empty. Throws on any status above 299. */
export async function call<T>(
  connection: Connection,
  authorization: string,
  path: string,
  body: unknown,
): Promise<T> {
  const { status, text } = await connection.send('POST', path, authorization, JSON.stringify(body));
  if (status > 299) throw new Error(`${path} was answered ${status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** An org of its own with the tokens that a team would have. */
export interface Tenant {
  readonly orgId: string;
  /** Header lines. */
  readonly submit: string;
  readonly agent: string;
}

export async function makeTenant(url: string, adminToken: string, orgId: string): Promise<Tenant> {
  const connection = await Connection.open(url);
  const admin = bearer(adminToken);
  await call(connection, admin, '/v1/orgs', { org_id: orgId });
  const token = async (scope: string) => {
    const names = scope === 'agent' ? { agent_names: '*' } : {};
    const body = { name: scope, org_id: orgId, scopes: [scope], ...names };
    return bearer((await call<{ token: string }>(connection, admin, '/v1/tokens', body)).token);
  };
  const tenant = { orgId, submit: await token('submit'), agent: await token('agent') };
  connection.close();
  return tenant;
}

/** A device as its agent knows it. */
export interface BenchDevice {
  readonly deviceId: string;
  readonly bootId: string;
}

export interface BenchAgent {
  readonly agentId: string;
  readonly bootId: string;
  readonly devices: readonly BenchDevice[];
}

/** Registers an agent with a device for each target named. */
export async function registerAgent(
  connection: Connection,
  tenant: Tenant,
  name: string,
  targets: readonly string[],
): Promise<BenchAgent> {
  const bootId = `boot-${crypto.randomUUID()}`;
  const devices = targets.map((target, n) => ({ name: `${name}-${n}`, target }));
  const made = await call<Registered>(connection, tenant.agent, '/v1/agents', {
    name,
    boot_id: bootId,
    version: 'bench',
    devices,
  });
  const idOf = new Map(made.devices.map((device) => [device.name, device.device_id]));
  return {
    agentId: made.agent_id,
    bootId,
    devices: devices.map((device) => ({ deviceId: idOf.get(device.name) ?? '', bootId })),
  };
}

const heartbeatMs = 15_000;

/**
 * Sends heartbeats for the agents until the interval is cleared: an agent without a heartbeat for one TTL is offline.
 * The connection must not be used for anything else meanwhile.
 */
export function keepAlive(
  connection: Connection,
  tenant: Tenant,
  agents: readonly BenchAgent[],
): NodeJS.Timeout {
  const sendHeartbeats = async (): Promise<void> => {
    for (const { agentId, bootId } of agents) {
      const body = { boot_id: bootId, leases: [] };
      await call(connection, tenant.agent, `/v1/agents/${agentId}/heartbeat`, body);
    }
  };
  return setInterval(() => void sendHeartbeats().catch(printFailure), heartbeatMs);
}

const printFailure = (error: Error): void =>
  void process.stderr.write(`a heartbeat failed: ${error.message}\n`);
