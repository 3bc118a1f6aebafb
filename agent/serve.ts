import type { Lease } from '../protocol/shapes/agent.ts';
import type { Agent } from './agent.ts';
import { deviceHost } from './device-host.ts';
import { type Device, openSlot, type Slot } from './devices/device.ts';
import { foldersOf } from './devices/device-folder.ts';
import { openDevices } from './devices/open-devices.ts';
import { processFolder, removeFolder } from './folders.ts';
import { clearLeftBehind } from './leases/clear-left-behind.ts';
import { runLease } from './leases/run-lease.ts';
import { runHeartbeat } from './loops/heartbeat.ts';
import { pollDevice } from './loops/poll-device.ts';
import { Registration, registerFirst } from './loops/register.ts';
import { lookAt, watchDevices } from './loops/watch-devices.ts';
import { healthOf } from './service/agent-health.ts';
import { serveHealth } from './service/serve-health.ts';
import { resendSpool } from './spool/resend-spool.ts';

export interface ServeOptions {
  /** Ask for nothing more once a lease has come. */
  readonly once?: boolean | undefined;
  /** Default: those of the settings. */
  readonly devices?: readonly Device[] | undefined;
}

/** Registers the devices and serves leases until the agent is stopped. Answers the exit code. */
export async function serve(agent: Agent, { once = false, devices }: ServeOptions = {}): Promise<number> {
  const { config, locks } = agent;
  const host = deviceHost(config, locks, agent.timing);
  const slots = (devices ?? openDevices(config.devices, host)).map(openSlot);
  const state = { isRegistered: false };
  const health = await openHealth(agent, slots, state);
  await clearLeftBehind(agent);
  return serveSlots(agent, slots, once, state).finally(async () => {
    await Promise.all(slots.map(({ device }) => device.dispose?.()));
    health?.close();
    await agent.traces.end();
  });
}

/** Undefined: the settings name no port for it. */
async function openHealth(agent: Agent, slots: readonly Slot[], state: { readonly isRegistered: boolean }) {
  const { healthPort } = agent.config;
  if (healthPort === undefined) return undefined;
  const health = await serveHealth(healthPort, () => healthOf(agent, slots, state.isRegistered));
  agent.say(`health: http://127.0.0.1:${health.port}/health/ready`);
  return health;
}

async function serveSlots(
  agent: Agent,
  slots: readonly Slot[],
  once: boolean,
  state: { isRegistered: boolean },
): Promise<number> {
  // A registration under a new boot id releases the leases of the old one: its verdicts must be sent before.
  await resendSpool(agent);
  await Promise.all(slots.map((slot) => lookAt(agent, slot)));
  const session = await registerFirst(agent, slots);
  if (!session) return agent.stop.exitCode;
  state.isRegistered = true;
  const names = slots.map(({ device }) => device.offer.name).join(', ');
  agent.say(`agent ${agent.config.name} serves ${names} from ${agent.config.workspace}`);
  agent.say(agent.isolation.says);
  const registration = new Registration(agent, slots, session);
  const over = new AbortController();
  const heartbeat = runHeartbeat(agent, registration, over.signal);
  const watch = watchDevices(agent, registration, slots, over.signal);
  const limit = agent.stop.afterDrain(agent.timing.drainMs);
  // A drain waits for running tests, up to a limit.
  limit.signal.addEventListener('abort', () => agent.stop.requestKill(0));
  const came = new AbortController();
  const enough = AbortSignal.any([agent.stop.drain, came.signal]);
  await Promise.all(
    slots.map((slot) =>
      pollDevice(agent, registration, slot, enough, (lease: Lease) => {
        if (once) came.abort();
        slot.isBusy = true;
        return runLease(agent, slot, lease).finally(() => {
          slot.isBusy = false;
        });
      }),
    ),
  );
  limit.clear();
  await agent.servers.close();
  agent.networks?.close();
  over.abort();
  await Promise.all([heartbeat, watch]);
  await endEvidence(agent);
  for (const folder of [processFolder(agent.config), ...slots.flatMap(foldersOf)])
    await removeFolder(folder).catch((error: Error) => agent.say(`${folder} stays: ${error.message}`));
  return agent.stop.exitCode;
}

/** Waits for the uploads of artifacts: less long where the agent was told to leave at once. */
async function endEvidence({ stop, timing, evidence }: Agent): Promise<void> {
  const limits = [stop.afterDrain(timing.leaveEvidenceMs), stop.afterKill(timing.leaveMs)];
  await evidence.end(AbortSignal.any(limits.map(({ signal }) => signal)));
  for (const limit of limits) limit.clear();
}
