import { defineConfig } from 'vitest/config';
import { common } from '../../vitest.config.ts';
import { namedGroup } from './groups.ts';

export default defineConfig({
  test: {
    ...common,
    globalSetup: ['test/mutation/global-setup.ts'],
    setupFiles: ['test/mutation/set-seed.ts'],
    provide: { isNightly: false, database: 'file' },
    // One worker for all files of a mutant: what they import is loaded once.
    isolate: false,
    include: [...namedGroup().tests],
  },
});
