import { readFileSync } from 'node:fs';
import { isObject } from '../client/json.ts';
import { QgjobError } from '../protocol/errors.ts';

/** Undefined where there is no such file. Errors: `invalid`, which names the file so. */
export function readJson(path: string, name: string): Record<string, unknown> | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // The error below says it.
  }
  throw new QgjobError('invalid', `${name}: is not a JSON object; repair or remove it`);
}

/** Undefined where there is no such file. Errors: the system's, for a file that may not be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
