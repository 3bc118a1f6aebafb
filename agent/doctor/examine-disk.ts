import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type Finding, ok, problem, warning } from '../../host/finding.ts';
import type { AgentConfig } from '../config.ts';

const [fewGib, leastGib] = [5, 1];

/** Code, packages, evidence and logs of leases lie in the system's temporary folder and in the agent's own. */
export async function examineDisk({ workspace }: Pick<AgentConfig, 'workspace'>): Promise<Finding> {
  const free = await Promise.all([tmpdir(), workspace].map(freeGib));
  const least = Math.min(...free);
  const says = `${least.toFixed(1)} GiB are free`;
  const cure = 'free some space; old files of an agent go when it starts';
  if (least < leastGib) return problem('disk', says, cure);
  return least < fewGib ? warning('disk', says, cure) : ok('disk', says);
}

async function freeGib(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return (bavail * bsize) / 1024 ** 3;
}
