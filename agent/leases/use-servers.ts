import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import type { BatchPreset } from '../frameworks/preset.ts';
import type { ServersInUse } from '../serve-once/web-servers.ts';
import { type LeaseWork, paramVariables } from './lease-work.ts';

/** `busy`: something that the servers need is taken, so the jobs must wait. */
export type ServersForJobs = ServersInUse | 'none' | 'busy' | { readonly failed: string };

/** Waits until the web servers of the configuration of these jobs are up. Jobs of one configuration have the same. */
export async function useServers(
  work: LeaseWork,
  preset: BatchPreset,
  [job]: readonly LeasedJob[],
): Promise<ServersForJobs> {
  const { agent, lease, root, folder, space, network, slot } = work;
  const env = { ...agent.config.childEnv, ...slot.device.env, ...variablesOf(work) };
  const found = job && preset.serves?.(root, job.test_path, env.PATH);
  if (!found) return 'none';
  const source = lease.source_hash ?? '';
  const by = { run: job.run_id, config: relative(root, found.own), source, network: network?.id };
  const use = await agent.servers.use(by, { ...found, env, folder, space }, () => undefined);
  if (typeof use === 'string' || !('busy' in use)) return use;
  const device = slot.device.offer.name;
  agent.say(
    `${device}  given back: another run uses ${use.busy}, which the web server of ${job.run_id} needs`,
  );
  // Otherwise the same lease would be granted at once, again and again.
  if (!agent.busy.list.includes(source)) await sleep(agent.timing.earlyPauseMs);
  return 'busy';
}

/** Those that do not depend on a device: the servers are for all of them. */
const variablesOf = ({ lease, app }: LeaseWork): Record<string, string> => ({
  ...paramVariables(lease),
  QGJOB_APP: app,
  QGJOB_APP_VERSION_ID: lease.app_version_id,
});
