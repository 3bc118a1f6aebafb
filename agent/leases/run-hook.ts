import { dirname } from 'node:path';
import { cleanText } from '../../protocol/clean-text.ts';
import { OutputTail } from '../children/output-tail.ts';
import { type ChildEnd, runChild } from '../children/run-child.ts';
import { processFolder } from '../folders.ts';
import { describeEnd } from '../frameworks/describe-end.ts';
import type { LeaseWork } from './lease-work.ts';

export type HookName = 'before_lease' | 'after_lease';

/**
 * Runs a hook of the host's settings: as the agent itself, in the folder of the settings, never from the code of a run.
 * Answers why it failed; undefined: it passed, or there is none.
 */
export async function runHook(work: LeaseWork, name: HookName): Promise<string | undefined> {
  const { agent, slot, lease, app } = work;
  const argv = agent.config.hooks[name];
  if (argv === undefined) return undefined;
  const tail = new OutputTail(agent.masks);
  const command = {
    argv,
    cwd: dirname(agent.config.settingsFile),
    env: {
      ...agent.config.childEnv,
      ...slot.device.env,
      QGJOB_HOOK: name,
      QGJOB_DEVICE: slot.device.offer.name,
      QGJOB_TARGET: lease.target,
      QGJOB_ORG_ID: lease.org_id,
      QGJOB_APP_VERSION_ID: lease.app_version_id,
      QGJOB_APP: app,
    },
  };
  const end = await runChild(command, {
    onOutput: (bytes) => tail.add(bytes),
    timeoutMs: agent.timing.hookMs,
    stop: name === 'before_lease' ? work.live.begin() : new AbortController().signal,
    kill: agent.stop.kill,
    ownSignal: 'SIGTERM',
    ladder: agent.timing.ladder,
    marker: processFolder(agent.config),
  });
  return whyFailed(end, name, agent.redact(cleanText(tail.lines())));
}

function whyFailed(end: ChildEnd, name: HookName, tail: string): string | undefined {
  const { kind, how } = describeEnd(end, `the hook ${name}`);
  if (end.stopped === undefined && kind === 'passed') return undefined;
  const words = end.stopped === 'timeout' ? `the hook ${name} took too long` : how;
  return [words, tail].filter(Boolean).join(':\n');
}
