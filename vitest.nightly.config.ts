import { defineConfig, mergeConfig } from 'vitest/config';
import config from './vitest.config.ts';

/** What takes minutes: whole runs with real frameworks, long waits, many repetitions. */
export default mergeConfig(
  config,
  defineConfig({
    test: { include: ['{agent,server,test}/**/*.nightly.ts'], testTimeout: 900_000, maxWorkers: 2 },
  }),
);
