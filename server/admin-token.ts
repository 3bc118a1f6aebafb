import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mintToken } from './auth/token-format.ts';
import { hasOperatorToken, storeOperatorToken } from './queue/orgs/index.ts';
import type { Deps } from './queue/store/deps.ts';

/**
 * The first start on a database makes the operator token and writes it for its owner alone. The file is written first:
 * a token that nobody knows would lock everybody out.
 */
export async function ensureAdminToken(deps: Deps, dataDir: string): Promise<void> {
  if (await hasOperatorToken(deps)) return;
  const minted = mintToken('op');
  const file = join(dataDir, 'admin.token');
  // A file that was there would keep its mode.
  rmSync(file, { force: true });
  writeFileSync(file, `${minted.token}\n`, { mode: 0o600 });
  await storeOperatorToken(deps, minted);
}
