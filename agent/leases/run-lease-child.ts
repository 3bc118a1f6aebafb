import { type ChildEnd, type ChildOptions, type Command, runChild } from '../children/run-child.ts';
import { processFolder } from '../folders.ts';
import type { LeaseWork } from './lease-work.ts';

type Options = Pick<ChildOptions, 'onOutput' | 'timeoutMs' | 'stop'>;

/** Runs an install or a test of a lease: stopped by what its options say, and by the end of the agent. */
export function runLeaseChild(
  { agent, preset }: LeaseWork,
  command: Command,
  options: Options,
): Promise<ChildEnd> {
  return runChild(command, {
    ...options,
    kill: agent.stop.kill,
    ownSignal: preset.ownSignal,
    ladder: agent.timing.ladder,
    marker: processFolder(agent.config),
  });
}
