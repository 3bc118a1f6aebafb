import { cutText, oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import type { Registered } from '../../protocol/shapes/registration.ts';
import { longestTimerMs } from '../timing.ts';

// The client has checked the shape of every answer. Here the values are checked: whoever answers may be anybody.

/** Ids of the server: they are put into addresses and variables, never into a path. */
const serverId = /^[A-Za-z0-9_-]{1,100}$/;
const longestDeviceId = 100;
/** The server takes a log for an attempt up to this number. */
const mostAttempts = 1000;
const longestUrl = 4096;
/** Shorter times would make the agent call without a pause, or never start anything. In ms. */
const shortest = { ttl: 100, heartbeat: 10 };

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const controls = /[\u0000-\u001f\u007f]/;

/**
 * The lease that was asked for under this id. Errors: `unavailable`, one line that says what is wrong. A bad test path
 * is no error here: that job alone is rejected later.
 */
export function checkLease(asked: string, lease: Lease): Lease {
  throwIfWrong(wrongWithLease(asked, lease));
  return lease;
}

/**
 * The answer to a registration of devices with these names. Errors: `unavailable`, one line that says what is wrong.
 */
export function checkRegistered(names: readonly string[], registered: Registered): Registered {
  throwIfWrong(wrongWithRegistered(names, registered));
  return registered;
}

/** No qgjob server answers so. It is treated like a server that is away: asked again later, never at once. */
function throwIfWrong(why: string | undefined): void {
  if (why !== undefined) throw new QgjobError('unavailable', `the server's answer makes no sense: ${why}`);
}

function wrongWithLease(asked: string, { lease_id, token, jobs, app }: Lease): string | undefined {
  if (jobs.length === 0) return 'a lease without jobs';
  if (lease_id !== asked) return `a lease ${quoted(lease_id)} that nobody asked for`;
  if (token.length > limits.tokenLength || !/^[\x21-\x7e]+$/.test(token)) return 'a lease without a token';
  if (new Set(jobs.map((job) => job.job_id)).size < jobs.length) return 'a lease that names a job twice';
  const url = app?.url ?? '';
  if (url.length > longestUrl || controls.test(url)) return 'an app at an address that is none';
  return jobs.map(wrongWithJob).find((why) => why !== undefined);
}

function wrongWithJob({ job_id, next_attempt, timeout_ms }: LeasedJob): string | undefined {
  if (!serverId.test(job_id)) return `a job id ${quoted(job_id)}`;
  if (next_attempt < 1 || next_attempt > mostAttempts) return `attempt ${next_attempt} of a job`;
  return timeout_ms < 1 || timeout_ms > longestTimerMs ? `${timeout_ms} ms for a test` : undefined;
}

function wrongWithRegistered(names: readonly string[], registered: Registered): string | undefined {
  const { agent_id, devices, lease_ttl_ms, heartbeat_ms } = registered;
  if (!serverId.test(agent_id)) return `an agent id ${quoted(agent_id)}`;
  const bad = devices.find(({ device_id }) => device_id === '' || device_id.length > longestDeviceId);
  if (bad) return `a device id ${quoted(bad.device_id)}`;
  const known = new Set(devices.map(({ name }) => name));
  const missing = names.find((name) => !known.has(name));
  if (missing !== undefined) return `no id for the device ${missing}`;
  if (lease_ttl_ms < shortest.ttl || lease_ttl_ms > longestTimerMs)
    return `a lease time of ${lease_ttl_ms} ms`;
  return heartbeat_ms < shortest.heartbeat || heartbeat_ms > lease_ttl_ms
    ? `a heartbeat every ${heartbeat_ms} ms, with a lease time of ${lease_ttl_ms} ms`
    : undefined;
}

/** What a server wrote, made fit for a line about it. */
const quoted = (text: string): string => `"${cutText(oneLine(text.slice(0, 1000)), 80)}"`;
