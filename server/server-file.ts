import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readVersion } from './version.ts';

const fileOf = (dataDir: string): string => join(dataDir, 'server.json');

/**
 * Writes the address of the server for clients on this machine, by a rename, so that none reads half a file. Returns a
 * function that deletes the file, unless another server has written its own there.
 */
export function writeServerFile(dataDir: string, url: string): () => void {
  const file = fileOf(dataDir);
  const text = `${JSON.stringify({ url, pid: process.pid, version: readVersion() })}\n`;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
  return () => {
    if (readText(file) === text) rmSync(file, { force: true });
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
