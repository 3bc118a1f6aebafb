import { cleanText, cutText } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import { OutputTail } from '../children/output-tail.ts';
import type { ChildEnd } from '../children/run-child.ts';
import { describeEnd } from '../frameworks/describe-end.ts';
import type { SetUp } from '../sources/find-set-ups.ts';
import { findNpmPackages, type NpmPackages } from '../sources/npm-packages.ts';
import type { SourceFailure } from '../sources/source-failure.ts';
import { type LeaseWork, runLeaseChild } from './lease-work.ts';
import { untilDrain } from './until-drain.ts';
import { usePackages } from './use-packages.ts';

/** Lines of the set-up's output that its failure shows. */
const linesShown = 20;

/** Words by which a package manager says that a registry or the disk is to blame, and not the source. */
const hostTrouble =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNRESET|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ENOSPC|EMFILE|E50[0-9])\b/;

/**
 * Installs the packages of a bundle, in the folder of this lease alone. The time is no test's. Undefined where all is
 * ready.
 */
export async function setUpSource(work: LeaseWork): Promise<SourceFailure | undefined> {
  const { agent, slot, setUps } = work;
  // All are read before the first one runs scripts of the source, which could change the others.
  const all = await Promise.all(
    setUps.map(async (setUp) => ({ setUp, packages: await packagesOf(work, setUp) })),
  );
  for (const { setUp, packages } of all) {
    const startedAt = agent.now();
    const failure = await setUpOne(work, setUp, packages);
    if (failure !== undefined) return failure;
    agent.say(`${slot.device.offer.name}  set-up  ${formatDuration(Math.round(agent.now() - startedAt))}`);
  }
  return undefined;
}

async function packagesOf({ agent }: LeaseWork, { folder, isNpm }: SetUp): Promise<NpmPackages | undefined> {
  if (!isNpm || !agent.isolation.mayKeep) return undefined;
  return findNpmPackages(folder).catch(() => undefined);
}

/** With kept packages where they can be had. */
async function setUpOne(
  work: LeaseWork,
  setUp: SetUp,
  packages: NpmPackages | undefined,
): Promise<SourceFailure | undefined> {
  const { agent, live } = work;
  const { argv, folder } = setUp;
  if (packages !== undefined) {
    const signal = AbortSignal.any([live.lost, agent.stop.drain, agent.intake.closed, agent.stop.kill]);
    const wanted = { folder, argv, packages, run: runSetUp, signal };
    const end = await usePackages(work, wanted).catch((error: Error) => {
      if (signal.aborted) return { class: 'stopped' } as const;
      agent.say(`packages are not kept: ${error.message}`);
      return 'without' as const;
    });
    if (end === 'ready') return undefined;
    if (end !== 'without') return end;
  }
  return runSetUp(work, argv, folder);
}

async function runSetUp(
  work: LeaseWork,
  argv: readonly string[],
  folder: string,
): Promise<SourceFailure | undefined> {
  const { agent, slot, live } = work;
  const tail = new OutputTail(agent.masks);
  const command = { argv, cwd: folder, env: { ...agent.config.childEnv, ...slot.device.env } };
  const end = await runLeaseChild(work, command, {
    onOutput: (bytes) => tail.add(bytes),
    timeoutMs: agent.timing.setUpMs,
    stop: untilDrain(agent, live.begin(), 'interrupted'),
  });
  const words = argv.join(' ');
  const failure = setUpFailure(end, `the set-up (${words})`, tail.lines(linesShown), agent.timing.setUpMs);
  if (failure === undefined || failure.class === 'stopped') return failure;
  return { ...failure, why: cutText(agent.redact(cleanText(failure.why)), 20_000) };
}

/** Why a set-up failed; undefined when it worked. */
export function setUpFailure(
  end: ChildEnd,
  what: string,
  lines: string,
  limitMs: number,
): SourceFailure | undefined {
  if (end.stopped === 'timeout')
    return { class: 'infra_error', why: `${what} took longer than ${formatDuration(limitMs)}` };
  if (end.stopped !== undefined) return { class: 'stopped' };
  const { kind, how } = describeEnd(end, what);
  if (kind === 'passed') return undefined;
  const isOfHost = kind !== 'failed' || hostTrouble.test(lines);
  return { class: isOfHost ? 'infra_error' : 'rejected', why: lines === '' ? how : `${how}:\n${lines}` };
}
