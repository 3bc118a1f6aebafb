import { type Agent, isDraining } from '../agent.ts';
import type { Slot } from '../devices/device.ts';

/** How an agent is, for whoever watches its process. */
export interface AgentHealth {
  readonly status: 'starting' | 'ready' | 'draining' | 'server_away' | 'no_device';
  readonly name: string;
  readonly version: string;
  readonly devices: readonly {
    readonly name: string;
    readonly target: string;
    readonly status: 'idle' | 'busy' | 'benched';
    /** Why it is benched, in words. */
    readonly why?: string;
  }[];
}

/** `ready`: it may get tests now, or runs some. */
export function healthOf(agent: Agent, slots: readonly Slot[], isRegistered: boolean): AgentHealth {
  const { name } = agent.config;
  return {
    status: statusOf(agent, slots, isRegistered),
    name,
    version: agent.version,
    devices: slots.map(({ device: { offer }, health: { fault }, isBusy }) => ({
      name: offer.name,
      target: offer.target,
      status: isBusy ? 'busy' : fault ? 'benched' : 'idle',
      ...(fault && { why: fault.why }),
    })),
  };
}

function statusOf(agent: Agent, slots: readonly Slot[], isRegistered: boolean): AgentHealth['status'] {
  if (isDraining(agent)) return 'draining';
  if (!isRegistered) return 'starting';
  if (!agent.renewal.fresh()) return 'server_away';
  return slots.every(({ health, isBusy }) => health.fault && !isBusy) ? 'no_device' : 'ready';
}
