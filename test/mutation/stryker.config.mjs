import { floor, namedGroup, reportOf } from './groups.ts';

const { name, mutate } = namedGroup();

export default {
  mutate: [...mutate],
  testRunner: 'vitest',
  // Else it is rewritten, by an interface that TypeScript 7 has not.
  tsconfigFile: 'none',
  vitest: { configFile: 'test/mutation/vitest.config.ts', pool: 'threads', related: false },
  coverageAnalysis: 'perTest',
  tempDirName: '.stryker/sandbox',
  incremental: process.env.QGJOB_MUTATION_INCREMENTAL !== undefined,
  incrementalFile: `.stryker/${name}-incremental.json`,
  ignorePatterns: ['.stryker', 'build', 'bench', 'dist', 'docs', 'examples'],
  thresholds: { high: 95, low: floor, break: floor },
  reporters: ['json', 'clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: true },
  jsonReporter: { fileName: reportOf(name) },
};
