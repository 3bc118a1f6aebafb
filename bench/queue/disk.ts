import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const measuredMs = 500;
const bytes = Buffer.alloc(4096, 1);

/** How often a second this disk can append 4 KiB to a file and sync it, one after the other. */
export function measureDisk(dir: string): number {
  const file = join(dir, 'disk');
  const descriptor = openSync(file, 'w');
  const started = performance.now();
  let syncs = 0;
  for (; performance.now() - started < measuredMs; syncs += 1) {
    writeSync(descriptor, bytes);
    fdatasyncSync(descriptor);
  }
  const seconds = (performance.now() - started) / 1000;
  closeSync(descriptor);
  rmSync(file);
  return syncs / seconds;
}
