import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isObject } from '../../client/json.ts';

/** What an agent keeps of the token that it has made for itself. */
export interface KeptToken {
  readonly token: string;
  /** The id of the operator's token beside it: with another one it may be another database, which does not know this token. */
  readonly made_by: string;
  /** When it is to be replaced (ISO 8601); absent where that was not kept. */
  readonly renew_at?: string;
}

/** Undefined where there is none, or something else. */
export async function readKept(file: string): Promise<KeptToken | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!isObject(kept)) return undefined;
    const { token, made_by, renew_at } = kept;
    if (typeof token !== 'string' || typeof made_by !== 'string') return undefined;
    return { token, made_by, ...(typeof renew_at === 'string' && { renew_at }) };
  } catch {
    return undefined;
  }
}

/** It has its name only when it is complete. */
export async function keepToken(file: string, kept: KeptToken): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await writeFile(unfinished, `${JSON.stringify(kept)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
