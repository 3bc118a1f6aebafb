import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mintToken } from './auth/token-format.ts';
import type { Deps } from './queue/deps.ts';
import { storeOperatorToken } from './queue/tokens.ts';

/**
 * The first start on a database makes the operator token and writes it for its owner alone. The file is written first:
 * a token that nobody knows would lock everybody out.
 */
export async function ensureAdminToken(deps: Deps, dataDir: string): Promise<void> {
  const [exists] = await deps.gate.read(
    `SELECT 1 FROM tokens WHERE scopes = '["operator"]' AND revoked_at IS NULL LIMIT 1`,
  );
  if (exists) return;
  const minted = mintToken('op');
  const file = join(dataDir, 'admin.token');
  // A file that was there would keep its mode.
  rmSync(file, { force: true });
  writeFileSync(file, `${minted.token}\n`, { mode: 0o600 });
  await storeOperatorToken(deps, minted);
}
