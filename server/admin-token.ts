import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameOfToken } from '../protocol/token-name.ts';
import { mintToken } from './auth/token-format.ts';
import { hasOperatorToken, storeOperatorToken } from './queue/orgs/index.ts';
import type { Deps } from './queue/store/deps.ts';

const fileOf = (dataDir: string): string => join(dataDir, 'admin.token');

/**
 * Makes the operator token at the first start on a database, and writes it to a file for the owner alone. The file is
 * written first: a stored token that nobody knows would lock everybody out.
 */
export async function ensureAdminToken(deps: Deps, dataDir: string): Promise<void> {
  if (await hasOperatorToken(deps)) return;
  const minted = mintToken('op');
  const file = fileOf(dataDir);
  // An existing file would keep its mode.
  rmSync(file, { force: true });
  writeFileSync(file, `${minted.token}\n`, { mode: 0o600 });
  // Another server that started on the same database at the same time was faster: its token is the one.
  if (!(await storeOperatorToken(deps, minted))) rmSync(file, { force: true });
}

/** The operator token of this data folder; '' where another server has made it. */
export function readAdminToken(dataDir: string): string {
  try {
    return readFileSync(fileOf(dataDir), 'utf8').trim();
  } catch {
    return '';
  }
}

/**
 * Writes an operator token over the one that it replaces, where that is in the file of this data folder. Errors: the
 * system's.
 */
export function replaceAdminToken(dataDir: string, oldId: string, token: string): void {
  if (nameOfToken(readAdminToken(dataDir))?.id !== oldId) return;
  const file = fileOf(dataDir);
  const fresh = `${file}.${randomUUID()}`;
  writeFileSync(fresh, `${token}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(fresh, file);
}
