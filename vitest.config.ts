import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{action,agent,bench,cli,client,protocol,report,server,test,tracing}/**/*.test.ts'],
    provide: { isNightly: false, database: 'file' },
    globalSetup: ['test/support/global-setup.ts'],
    // No test is about time: this ends one that hangs, also on a host that is busy with others.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Much of what tests do is waiting for processes.
    maxWorkers: 3,
    reporters: ['default'],
  },
});
