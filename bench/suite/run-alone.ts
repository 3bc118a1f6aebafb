import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Suite, SuiteName } from './make-suite.ts';
import { readTimeline } from './timeline.ts';

/** One run of a suite, on either side. In ms. */
export interface SuiteRun {
  readonly wallMs: number;
  readonly firstTestMs: number;
  readonly gaps: readonly number[];
  /** From the end of a file's last test until the client was told; of the tool alone nothing. */
  readonly toldMs: readonly number[];
  /** The same for the last file of a process, whose result waits for the tool's end; alone: until that end. */
  readonly lastToldMs: readonly number[];
  readonly tests: number;
  readonly installs?: number;
  readonly serves?: number;
}

/** The tool alone, as a user would run it: two workers, one retry. Throws when it does not pass. */
export async function runAlone(suite: Suite, name: SuiteName): Promise<SuiteRun> {
  suite.reset();
  const cli = join(suite.folder, 'node_modules/@playwright/test/cli.js');
  const from = Date.now();
  const child = spawn(process.execPath, [cli, 'test', `tests/${name}/`, '--workers=2', '--retries=1'], {
    cwd: suite.folder,
    env: { ...process.env, CI: '1' },
    stdio: 'ignore',
  });
  const [code] = await once(child, 'close');
  const wallMs = Date.now() - from;
  if (code !== 0) throw new Error(`the tool alone exited with ${code}`);
  const { firstBegin, gaps, tests, lastEnd } = readTimeline(suite.log);
  const lastToldMs = [from + wallMs - Math.max(...lastEnd.values())];
  return { wallMs, firstTestMs: firstBegin - from, gaps, toldMs: [], lastToldMs, tests };
}
