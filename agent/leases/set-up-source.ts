import { cleanText, cutText } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import { OutputTail } from '../children/output-tail.ts';
import { describeEnd } from '../frameworks/describe-end.ts';
import type { SetUp } from '../sources/find-set-up.ts';
import { type LeaseWork, runLeaseChild } from './lease-work.ts';

/** Lines of the set-up's output that its failure shows. */
const linesShown = 20;

/**
 * Installs the packages of a bundle, once per lock file on this host. The time is no test's. Answers why it failed, with
 * the last lines of the output; undefined where all is ready. Errors: the disk's.
 */
export async function setUpSource(work: LeaseWork): Promise<string | undefined> {
  const { agent, setUp } = work;
  if (!setUp) return undefined;
  const started = agent.now();
  const done = await agent.setUps.provide(setUp, () => runSetUp(work, setUp));
  if (typeof done === 'object') return done.failed;
  const took = formatDuration(Math.round(agent.now() - started));
  agent.say(`set-up  ${done === 'copied' ? 'packages of an earlier set-up' : setUp.argv.join(' ')}  ${took}`);
  return undefined;
}

async function runSetUp(work: LeaseWork, { argv, folder }: SetUp): Promise<string | undefined> {
  const { agent, slot } = work;
  const tail = new OutputTail(agent.masks);
  const command = { argv, cwd: folder, env: { ...agent.config.childEnv, ...slot.device.env } };
  const end = await runLeaseChild(work, command, {
    onOutput: (bytes) => tail.add(bytes),
    timeoutMs: agent.timing.setUpMs,
    stop: work.live.begin(),
  });
  const words = argv.join(' ');
  if (end.stopped === 'timeout')
    return `the set-up took longer than ${formatDuration(agent.timing.setUpMs)}: ${words}`;
  const { kind, how } = describeEnd(end, `the set-up (${words})`);
  if (kind === 'passed' && end.stopped === undefined) return undefined;
  const text = cleanText([how, tail.lines(linesShown)].filter(Boolean).join(':\n'));
  return cutText(agent.redact(text), 20_000);
}
