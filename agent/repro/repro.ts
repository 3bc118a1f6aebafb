// What `qgjob repro` needs of an agent: its ways to lay a source out, and to run a test.
export type { AttemptResult } from '../reports/attempt-result.ts';
export { fetchSource, unpackSource } from './fetch-source.ts';
export { type PlannedRepro, planRepro, type Step, type WantedRepro } from './plan-repro.ts';
export { runStep, runTest } from './run-repro.ts';
