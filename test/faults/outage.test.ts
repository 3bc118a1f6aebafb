import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openWaitingTests, ttlMs } from './waiting-tests.ts';
import type { Lab } from './lab.ts';

/** A way in which a server is away, and the way back. */
interface Outage {
  readonly how: string;
  leave(lab: Lab): Promise<unknown>;
  back(lab: Lab): Promise<unknown>;
}

const endedBy = (signal: NodeJS.Signals): Pick<Outage, 'leave' | 'back'> => ({
  leave({ server }) {
    server.signal(signal);
    return server.ended;
  },
  back: (lab) => lab.startServer(),
});

const outages: readonly Outage[] = [
  { how: 'was killed', ...endedBy('SIGKILL') },
  { how: 'was stopped', ...endedBy('SIGTERM') },
  {
    how: 'stood still',
    leave: async ({ server }) => server.signal('SIGSTOP'),
    back: async ({ server }) => server.signal('SIGCONT'),
  },
];

// Real time is what this is about: leases end by it, and no signal says that one did not.
describe.concurrent('a server that was away for five lease TTLs', { timeout: 180_000 }, () => {
  test.for(outages)('loses no running test when it $how', async ({ leave, back }, { onTestFinished }) => {
    const { lab, start, release, read, waitForEnd } = await openWaitingTests(['meanwhile', 'afterwards']);
    onTestFinished(() => lab.close());
    lab.startAgent('rack');
    const jobs = [await start('meanwhile'), await start('afterwards')];
    await leave(lab);
    release('meanwhile');
    await sleep(5 * ttlMs);
    await back(lab);
    // The rescuer keeps quiet for one TTL; what it would take after that, it takes soon.
    await sleep(1.5 * ttlMs);
    for (const job of jobs) {
      expect(await read(job)).toMatchObject({ attempt: 1, crashes: 0, releases: 0 });
    }
    release('afterwards');
    for (const job of jobs) {
      expect(await waitForEnd(job)).toMatchObject({ status: 'passed', attempt: 1, crashes: 0, releases: 0 });
      const { attempts } = await lab.client.call('listAttempts', { params: { id: job.job_id } });
      expect(attempts).toMatchObject([{ attempt: 1, verdict: 'passed', error_class: null }]);
    }
  });
});
