import { setTimeout as sleep } from 'node:timers/promises';
import { readBrokenRules } from '../faults/broken-rules.ts';
import { type Program, until } from '../faults/program.ts';
import { rulesOfSoak } from './audit-rules.ts';
import { demandWork } from './demand-work.ts';
import { lifeSeconds, partOf } from './options.ts';
import { dayOf, progressOf, randomFor, type Soak } from './soak-lab.ts';

const actor = 4_000_000;
const endMs = 30_000;
const lookMs = 50;
/** Longer than a client that lost its connection waits before it calls again. */
const knownMs = 120_000;
const longestDownMs = 2000;

/** In which life the server is. */
export interface Lives {
  now: number;
  /** Epoch ms of the last SIGKILL; 0: none. Files that an upload left before are the sweeper's. */
  killedAt: number;
  /** The server that was told to end. */
  told?: Program;
}

/** Rejects as soon as the server of this life ends without being told to. Never resolves. */
async function whenBroken({ lab: { server } }: Soak, lives: Lives): Promise<never> {
  const life = lives.now;
  const end = await server.ended;
  if (lives.told !== server) throw new Error(`the server ended by itself in life ${life + 1}, with ${end}`);
  return new Promise(() => undefined);
}

/**
 * The lives of the server, each a day later than the one before. It ends by SIGKILL and by SIGTERM in turn; in each end, with
 * the queue in flow, its rows are audited. Early in each life it stands still for some seconds. Resolves when the last life has
 * had its part of the soak, with the server running. `onBroken` is called when a server ends by itself.
 */
export async function playLives(
  soak: Soak,
  env: Record<string, string>,
  lives: Lives,
  { stop, onBroken }: { readonly stop: AbortSignal; readonly onBroken: (error: Error) => void },
): Promise<void> {
  const { options, lab, ledger } = soak;
  const random = randomFor(soak, actor);
  for (;;) {
    const before = ledger.jobsEnded();
    void whenBroken(soak, lives).catch(onBroken);
    const [from, to] = partOf(options, lives.now);
    const part = (share: number) => whenOver(soak, from + (to - from) * share, stop);
    await part(0.1 + 0.15 * random.next());
    if (stop.aborted) return;
    await standStill(soak, random.between(200, Math.min(options.leaseTtlMs, options.awayMs)));
    await part(1);
    if (!stop.aborted) demandWork(soak, lives.now, ledger.jobsEnded() - before);
    if (stop.aborted || lives.now + 1 === options.lives) return;
    await whenAnswered(soak, lives.now, stop);
    await whenKnown(soak, stop);
    if (stop.aborted) return;
    await endServer(soak, lives);
    auditRows(soak, lives);
    lives.now += 1;
    Object.assign(env, dayOf(options, lives.now));
    await sleep(random.between(0, longestDownMs));
    if (stop.aborted) return;
    await lab.startServer();
    soak.isEvening = false;
  }
}

/** Resolves when so much of the soak is over, or at `stop`. */
async function whenOver(soak: Soak, share: number, stop: AbortSignal): Promise<void> {
  while (progressOf(soak) < share && !stop.aborted) await sleep(lookMs);
}

/** Resolves when no submit has waited long for its answer, or at `stop`. Nothing more is submitted meanwhile. */
async function whenAnswered(soak: Soak, life: number, stop: AbortSignal): Promise<void> {
  const { sending, options } = soak;
  const longestMs = (lifeSeconds(options, life) * 1000) / 4;
  soak.isEvening = true;
  while ([...sending].some(({ at }) => performance.now() - at > longestMs) && !stop.aborted)
    await sleep(lookMs);
}

/** Resolves when clients know of all runs that have ended, or at `stop`: some of these are deleted in the night. */
async function whenKnown({ following, lab: { client }, ledger }: Soak, stop: AbortSignal): Promise<void> {
  const until = performance.now() + knownMs;
  for (const id of [...following]) {
    const { conclusion } = await client.call('getRun', { params: { id } });
    while (conclusion !== null && following.has(id) && !stop.aborted) {
      if (performance.now() > until)
        return ledger.problem(`the client of run ${id} never knew that it has ended`);
      await sleep(lookMs);
    }
  }
}

function auditRows({ ledger, lab }: Soak, { now }: Lives): void {
  for (const rule of readBrokenRules(lab.databaseFile, rulesOfSoak))
    ledger.problem(`at the end of life ${now + 1}: ${rule}`);
}

async function standStill({ lab, ledger }: Soak, ms: number): Promise<void> {
  ledger.count('server stood still');
  lab.server.signal('SIGSTOP');
  await sleep(ms);
  lab.server.signal('SIGCONT');
}

async function endServer({ lab, ledger }: Soak, lives: Lives): Promise<void> {
  const { server } = lab;
  const isKilled = lives.now % 2 === 0;
  // One that ended before is known as broken already.
  if (!server.isRunning()) return;
  lives.told = server;
  ledger.count(isKilled ? 'server killed' : 'server restarted');
  server.signal(isKilled ? 'SIGKILL' : 'SIGTERM');
  if (isKilled) lives.killedAt = Date.now();
  await until('the end of the server', () => !server.isRunning() || undefined, endMs);
  const end = await server.ended;
  if (end !== (isKilled ? 'SIGKILL' : 0))
    ledger.problem(`the server got ${isKilled ? 'SIGKILL' : 'SIGTERM'} and ended with ${end}`);
}
