import { Registered } from '../../protocol/shapes/agent.ts';
import { badAnswer, longestTimerMs, quoted, serverId } from '../answers.ts';

const longestDeviceId = 100;

/** Shorter ones would make the agent call without a pause, or start nothing ever. In ms. */
const shortest = { ttl: 100, heartbeat: 10 };

/** What a server may say to a registration of these devices. Errors: `unavailable`, one line. */
export function checkRegistered(names: readonly string[], answer: unknown): Registered {
  const { data: session, error } = Registered.safeParse(answer);
  if (!session) throw badAnswer(`${error.issues[0]?.path.join('.')} of a registration is none`);
  const why = whyNot(names, session);
  if (why !== undefined) throw badAnswer(why);
  return session;
}

function whyNot(names: readonly string[], session: Registered): string | undefined {
  const { agent_id, devices, lease_ttl_ms, heartbeat_ms } = session;
  if (!serverId.test(agent_id)) return `an agent id ${quoted(agent_id)}`;
  const bad = devices.find(({ device_id }) => device_id === '' || device_id.length > longestDeviceId);
  if (bad) return `a device id ${quoted(bad.device_id)}`;
  const ids = new Map(devices.map(({ name, device_id }) => [name, device_id]));
  const missing = names.find((name) => !ids.has(name));
  if (missing !== undefined) return `no id for the device ${missing}`;
  if (lease_ttl_ms < shortest.ttl || lease_ttl_ms > longestTimerMs)
    return `a lease time of ${lease_ttl_ms} ms`;
  return heartbeat_ms < shortest.heartbeat || heartbeat_ms > lease_ttl_ms
    ? `a heartbeat every ${heartbeat_ms} ms, with a lease time of ${lease_ttl_ms} ms`
    : undefined;
}
