import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchRequest } from '../batch.ts';

/** How a process is told which tests to run; `output` is its folder for what the tests leave. */
export interface Selection {
  readonly output: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Tests are selected by their ids, as those of a last run that failed: the one way that is exact for every title and
 * place, in all versions since 1.44. A newer one prefers the file that the variable names.
 */
export function selectTests({ artifacts, tests }: BatchRequest): Selection {
  const output = join(artifacts, 'test-results');
  const ids = tests.flatMap(({ only }) => only ?? []);
  if (tests.every(({ only }) => only === undefined)) return { output, argv: [], env: {} };
  const lastRun = join(output, '.last-run.json');
  mkdirSync(output, { recursive: true, mode: 0o700 });
  writeFileSync(lastRun, JSON.stringify({ status: 'failed', failedTests: ids }), { flag: 'wx' });
  return { output, argv: ['--last-failed'], env: { PLAYWRIGHT_LAST_RUN_OUTPUT_FILE: lastRun } };
}
