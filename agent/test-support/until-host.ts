import { existsSync, readFileSync } from 'node:fs';

/** Resolves once a condition is true that nothing tells us about; one that never is fails the test by its time. */
export async function untilTrue(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when a file is there: how a script says that it has come so far. */
export const untilFile = (path: string): Promise<void> => untilTrue(() => existsSync(path));

/** Resolves when a process has ended: soon after its SIGKILL, but not at once. */
export const untilGone = (pid: string | number): Promise<void> =>
  untilTrue(() => !isRunning(String(pid).trim()));

function isRunning(pid: string): boolean {
  try {
    // Z and X: it has ended, and only its parent has not noticed.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
