import { registerAgent } from '../../server/queue/fleet/register-agent.ts';
import type { Model } from './model.ts';
import { orgs } from './submit.ts';

export const agentNames = ['rack-0', 'rack-1', 'own-2'];

export async function register(model: Model, index: number, anew: boolean): Promise<void> {
  const name = agentNames[index] ?? 'rack-0';
  const before = model.agents.findLast((agent) => agent.name === name);
  const bootId = anew || !before ? `boot-${model.next()}-of-${name}` : before.bootId;
  const owner = name.startsWith('own') ? 'acme' : '';
  // The reported installed app may be another org's.
  const installed = { org_id: orgs[anew ? 1 : 0] ?? '', app_version_id: 'v0' };
  const devices = ['d0', 'd1'].map((device) => ({ name: device, target: 'emulator', installed }));
  const made = await registerAgent(model.deps, owner, { name, boot_id: bootId, version: '1', devices });
  const deviceIds = devices.map(
    (one) => made.devices.find((device) => device.name === one.name)?.device_id ?? '',
  );
  model.agents.push({ name, owner, bootId, agentId: made.agent_id, deviceIds });
}
