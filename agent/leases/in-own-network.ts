import type { LeaseWork } from './lease-work.ts';

/**
 * Runs what needs the network of the lease's source, where sources have networks of their own. The set-up and the install
 * before it are in the host's: they fetch packages and talk to devices.
 */
export async function inOwnNetwork<T>(work: LeaseWork, run: (inside: LeaseWork) => Promise<T>): Promise<T> {
  const { agent, lease, space } = work;
  const network = await agent.networks?.enter(lease.source_hash ?? '');
  if (network === undefined) return run(work);
  try {
    return await run({ ...work, network, space: network.enclose(space) });
  } finally {
    network.leave();
  }
}
