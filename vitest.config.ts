import { defineConfig } from 'vitest/config';

/** What both projects have in common; also of the nightly run. */
const common = {
  globalSetup: ['test/support/global-setup.ts'],
  // No test is about time: this ends one that hangs, also on a host that is busy with others.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 60_000 } },
  pool: 'forks' as const,
};

/** The queue again, on real libSQL servers: `database` says where the tests of a project keep their rows. */
const onSqld = {
  include: [
    'server/background/{event-notifier,quarantine-webhooks,rescuer,watcher}.test.ts',
    'server/backup/under-load.test.ts',
    'server/queue/**/*.test.ts',
    'test/model/*.test.ts',
  ],
  exclude: [
    // Locks, disks and plans of a file.
    'server/queue/{disk-trouble,plans}.test.ts',
    'server/queue/dispatch/open-batches.test.ts',
    // Reports of a size that a libSQL server does not take.
    'server/queue/runs/read-run.test.ts',
    // It starts a server of its own, wherever it runs.
    'server/queue/round-trips.test.ts',
  ],
};

/** Minutes of calls to libSQL servers: these run there at night. */
const nightlyOnSqld = [
  'server/queue/attempts/compare-base.test.ts',
  'server/queue/dispatch/{fairness,hunt-beside-run}.test.ts',
  // Each statement of each change fails once.
  'server/queue/fault-loop.test.ts',
  'server/queue/submit/plan-rerun.test.ts',
];

export default defineConfig({
  test: {
    // Much of what tests do is waiting for processes.
    maxWorkers: 3,
    reporters: ['default'],
    projects: [
      {
        test: {
          ...common,
          name: 'file',
          provide: { isNightly: false, database: 'file' },
          include: ['{action,agent,bench,cli,client,protocol,report,server,test,tracing}/**/*.test.ts'],
        },
      },
      {
        test: {
          ...common,
          ...onSqld,
          name: 'sqld',
          provide: { isNightly: false, database: 'sqld' },
          exclude: [...onSqld.exclude, ...nightlyOnSqld],
        },
      },
    ],
  },
});

export { common, onSqld };
