import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readVersion } from './version.ts';

const fileOf = (dataDir: string): string => join(dataDir, 'server.json');

/**
 * Says where clients on this machine find the server; they must never read half a file. Answers what takes it away
 * again, unless another server has put its own there.
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

/** The operator token of this data folder; '' where another server made it. */
export const readAdminToken = (dataDir: string): string => readText(join(dataDir, 'admin.token')).trim();

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
