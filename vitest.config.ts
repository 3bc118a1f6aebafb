import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{action,agent,bench,cli,client,protocol,server,test}/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Much of what tests do is waiting for processes.
    maxWorkers: 3,
    reporters: ['default'],
  },
});
