import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

/** What takes minutes: whole runs with real frameworks, long waits, many repetitions. */
export default defineConfig({
  test: {
    ...config.test,
    provide: { isNightly: true, database: 'file' },
    include: ['{agent,server,test}/**/*.nightly.ts'],
    testTimeout: 300_000,
    maxWorkers: 2,
  },
});
