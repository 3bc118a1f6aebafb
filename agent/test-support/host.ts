import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder with these files, removed after the test. Packages resolve as they do in the project. */
export function makeWorkspace(files: Readonly<Record<string, string>> = {}): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'qgjob-agent-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** The number of a process that has ended. */
export const deadPid = (): string => String(spawnSync('true').pid);

/** Resolves once a condition is true of which no event tells; the time limit of the test ends it otherwise. */
export async function untilTrue(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when a file is there: so a script can signal how far it is. */
export const untilFile = (path: string): Promise<void> => untilTrue(() => existsSync(path));

/** Resolves when a process has ended: soon after its SIGKILL, but not at once. */
export const untilGone = (pid: string | number): Promise<void> =>
  untilTrue(() => !isRunning(String(pid).trim()));

function isRunning(pid: string): boolean {
  try {
    // Z and X: it has ended, and its parent has not noticed yet. Its other threads may still hold its files and ports.
    const hasEnded = /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return !hasEnded || readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}

/**
 * The path of an installed Chromium: `PLAYWRIGHT_CHROMIUM`, or where Debian puts it. With `QGJOB_REQUIRE_BROWSER` it
 * throws where there is none: the project's own check never skips the tests that need it.
 */
export function findChromium(): string | undefined {
  const named = process.env.PLAYWRIGHT_CHROMIUM;
  const paths = named === undefined ? ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'] : [named];
  const path = paths.find(existsSync);
  if (path === undefined && process.env.QGJOB_REQUIRE_BROWSER)
    throw new Error(`there is no Chromium at ${paths.join(' or ')}`);
  return path;
}

/**
 * The longest turn of the event loop while `run` ran, in ms of processor time of this thread, so that other work on the
 * host does not count.
 */
export async function longestStretch(run: () => Promise<unknown>): Promise<number> {
  const used = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let longest = 0;
  let last = used();
  let isDone = false;
  const tick = (): void => {
    const now = used();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isDone) setImmediate(tick);
  };
  const ticking = setImmediate(tick);
  await run();
  tick();
  isDone = true;
  clearImmediate(ticking);
  return longest;
}
