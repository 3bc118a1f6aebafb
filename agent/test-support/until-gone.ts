import { readFileSync } from 'node:fs';

/** Resolves when a process has ended. Its end follows a SIGKILL, but not at once; one that lives on fails the test. */
export async function untilGone(pid: string | number): Promise<void> {
  while (isRunning(String(pid).trim())) await new Promise((resolve) => setImmediate(resolve));
}

function isRunning(pid: string): boolean {
  try {
    // Z and X: it has ended, and only its parent has not noticed.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
