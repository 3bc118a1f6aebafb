import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folders of one run, and its progress lines. */
export interface Workspace {
  /** Creates an empty folder. */
  newFolder(): string;
  /** Prints a line with the time since the start. */
  log(text: string): void;
  /** Seconds since the start. */
  seconds(): number;
  remove(): void;
}

export function makeWorkspace(): Workspace {
  const root = mkdtempSync(join(tmpdir(), 'qgjob-bench-'));
  const started = performance.now();
  let folders = 0;
  const seconds = (): number => (performance.now() - started) / 1000;
  return {
    newFolder() {
      folders += 1;
      const dir = join(root, String(folders));
      mkdirSync(dir);
      return dir;
    },
    log: (text) => void process.stderr.write(`${seconds().toFixed(0).padStart(5)} s  ${text}\n`),
    seconds,
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}
