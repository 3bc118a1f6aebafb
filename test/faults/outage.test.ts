import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Lab, shortLease } from './lab.ts';
import { openWaitingTests } from './waiting-tests.ts';

/** How a server goes away, and how it comes back. */
interface Outage {
  readonly how: string;
  stop(lab: Lab): Promise<unknown>;
  start(lab: Lab): Promise<unknown>;
}

const endedBy = (signal: NodeJS.Signals): Pick<Outage, 'stop' | 'start'> => ({
  stop({ server }) {
    server.signal(signal);
    return server.ended;
  },
  start: (lab) => lab.startServer(),
});

const outages: readonly Outage[] = [
  { how: 'was killed', ...endedBy('SIGKILL') },
  { how: 'was stopped', ...endedBy('SIGTERM') },
  {
    how: 'stood still',
    stop: async ({ server }) => server.signal('SIGSTOP'),
    start: async ({ server }) => server.signal('SIGCONT'),
  },
];

// These tests need real time: leases end by it, and there is no signal for a lease that did not end.
describe.concurrent('a server that was away for five lease TTLs', { timeout: 180_000 }, () => {
  test.for(outages)(
    'loses no running test when it $how',
    async ({ stop, start: startAgain }, { onTestFinished }) => {
      const { lab, start, release, read, waitForEnd } = await openWaitingTests(['meanwhile', 'afterwards']);
      onTestFinished(() => lab.close());
      lab.startAgent('rack');
      const jobs = [await start('meanwhile'), await start('afterwards')];
      await stop(lab);
      release('meanwhile');
      await sleep(5 * shortLease.ttlMs);
      await startAgain(lab);
      // The rescuer waits for one TTL; leases that it takes back after that, it takes soon.
      await sleep(1.5 * shortLease.ttlMs);
      for (const job of jobs) {
        expect(await read(job)).toMatchObject({ attempt: 1, crashes: 0, releases: 0 });
      }
      release('afterwards');
      for (const job of jobs) {
        expect(await waitForEnd(job)).toMatchObject({
          status: 'passed',
          attempt: 1,
          crashes: 0,
          releases: 0,
        });
        const { attempts } = await lab.client.call('listAttempts', { params: { id: job.job_id } });
        expect(attempts).toMatchObject([{ attempt: 1, verdict: 'passed', error_class: null }]);
      }
    },
  );
});
