import { dirname } from 'node:path';
import { cleanText } from '../../protocol/clean-text.ts';
import { OutputTail } from '../children/output-tail.ts';
import { type ChildEnd, runChild } from '../children/run-child.ts';
import { processFolder } from '../folders.ts';
import { describeEnd } from '../frameworks/describe-end.ts';
import type { SourceFailure } from '../sources/source-failure.ts';
import type { LeaseWork } from './lease-work.ts';
import { untilDrain } from './until-drain.ts';

export type HookName = 'before_lease' | 'after_lease';

/**
 * Runs a hook of the host's settings: as the agent itself, in the folder of the settings, never from the code of a run.
 * Undefined: it passed, or there is none. `stopped`: the lease is lost, or the agent ends, and for `before_lease` also
 * where it drains.
 */
export async function runHook(work: LeaseWork, name: HookName): Promise<SourceFailure | undefined> {
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
    stop: name === 'before_lease' ? stopBefore(work) : new AbortController().signal,
    kill: agent.stop.kill,
    ownSignal: 'SIGTERM',
    ladder: agent.timing.ladder,
    marker: processFolder(agent.config),
  });
  return failureOf(end, name, agent.redact(cleanText(tail.lines())));
}

/** It is a program of the host and not of a run: at a drain it may tidy up, as where the lease is lost. */
const stopBefore = ({ agent, live }: LeaseWork): AbortSignal => untilDrain(agent, live.begin(), 'lost');

function failureOf(end: ChildEnd, name: HookName, tail: string): SourceFailure | undefined {
  const { kind, how } = describeEnd(end, `the hook ${name}`);
  if (end.stopped === undefined && kind === 'passed') return undefined;
  if (end.stopped !== undefined && end.stopped !== 'timeout') return { class: 'stopped' };
  const words = end.stopped === 'timeout' ? `the hook ${name} took too long` : how;
  return { class: 'infra_error', why: [words, tail].filter(Boolean).join(':\n') };
}
