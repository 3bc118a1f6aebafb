import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchProcess } from '../frameworks/batch.ts';
import type { LadderTiming } from '../timing.ts';

/** The rest of the process that runs a test. */
interface Surroundings {
  /** True when no test of the file runs any more. */
  isOver(): boolean;
  /** Kills the whole process. */
  killAll(): void;
}

/**
 * Ends the tests of one file, as mildly as they let it: softly, with their evidence; then by the end of what runs them;
 * then with the whole process, whose other files run again.
 */
export async function endTest(
  process: BatchProcess,
  testPath: string,
  { ownMs, termMs }: LadderTiming,
  { isOver, killAll }: Surroundings,
): Promise<void> {
  process.endTest(testPath);
  await sleep(ownMs, undefined, { ref: false });
  if (isOver()) return;
  process.killTest(testPath);
  await sleep(termMs, undefined, { ref: false });
  if (!isOver()) killAll();
}
