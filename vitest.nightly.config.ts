import { defineConfig } from 'vitest/config';
import { common, onSqld } from './vitest.config.ts';

/** What takes minutes: whole runs with real frameworks, long waits, many repetitions, the server on libSQL servers. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...common,
          name: 'file',
          provide: { isNightly: true, database: 'file' },
          include: ['{agent,server,test}/**/*.nightly.ts'],
          testTimeout: 300_000,
        },
      },
      {
        test: {
          ...common,
          ...onSqld,
          name: 'sqld',
          provide: { isNightly: true, database: 'sqld' },
          include: [
            ...onSqld.include,
            'server/background/{outbox,pruner,sweeper}.test.ts',
            'server/http/**/*.test.ts',
            'test/ends/*.test.ts',
          ],
          exclude: [...onSqld.exclude, 'server/http/{described,unavailable}.test.ts'],
          testTimeout: 900_000,
        },
      },
    ],
  },
});
