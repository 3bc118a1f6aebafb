import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

/** The queue and the server again, on a real libSQL server: what is about files alone is left out. */
export default defineConfig({
  test: {
    ...config.test,
    provide: { isNightly: false, database: 'sqld' },
    include: ['server/{background,http,queue}/**/*.test.ts', 'test/{ends,model}/*.test.ts'],
    exclude: [
      // Locks, disks and plans of a file.
      'server/http/unavailable.test.ts',
      'server/queue/{disk-trouble,plans}.test.ts',
      'server/queue/dispatch/open-batches.test.ts',
    ],
  },
});
