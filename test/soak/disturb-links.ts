import { setTimeout as sleep } from 'node:timers/promises';
import { randomFor, type Soak } from './soak-lab.ts';

const actor = 5_000_000;
const kinds = ['silent', 'slow', 'slow', 'reset', 'reset', 'stranded'] as const;

/** Faults of the links, each link at times of its own, until the soak is over. */
export async function disturbLinks(soak: Soak, stop: AbortSignal): Promise<void> {
  await Promise.all(soak.links.map((_, n) => disturbLink(soak, n, stop)));
  for (const link of soak.links) link.heal();
}

async function disturbLink(soak: Soak, n: number, stop: AbortSignal): Promise<void> {
  const { links, options, ledger } = soak;
  const random = randomFor(soak, actor + n);
  const link = links[n];
  const wait = (ms: number) => sleep(ms, undefined, { signal: stop }).catch(() => undefined);
  while (link && !stop.aborted) {
    // Long enough that most of what clients do works: a soak is about work, not about outages.
    await wait(random.between(options.leaseTtlMs / 2, options.leaseTtlMs * 4));
    if (stop.aborted) return;
    const kind = random.pick(kinds);
    const forMs = random.between(100, options.leaseTtlMs / 6);
    ledger.count(`link ${kind}`);
    if (kind === 'silent') link.silence();
    else if (kind === 'slow') link.delay(200);
    else if (kind === 'stranded') link.strand();
    else link.cut();
    await wait(kind === 'stranded' ? 0 : forMs);
    link.heal();
  }
}
