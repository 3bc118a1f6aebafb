import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';

/** Says whose folder it is: only such a one is ever removed. */
const noteName = 'repro.json';

/**
 * Makes the folder of a job anew. It is ignored by git, so that it comes into no bundle. Errors: `conflict` where something
 * is there; with `force` only where that is no folder of this command.
 */
export function makeReproFolder(path: string, jobId: string, force: boolean): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined) {
    if (!force)
      throw new QgjobError('conflict', `${path} is there already; --force replaces it, --dir names another`);
    if (!found.isDirectory() || !isOurs(path))
      throw new QgjobError(
        'conflict',
        `${path} was not made by \`qgjob repro\` and stays; --dir names another`,
      );
    rmSync(path, { recursive: true });
  }
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(path);
  writeFileSync(join(path, noteName), `${JSON.stringify({ job_id: jobId })}\n`, { flag: 'wx' });
  writeFileSync(join(path, '.gitignore'), '*\n', { flag: 'wx' });
  for (const name of ['artifacts', 'device']) mkdirSync(join(path, name));
}

function isOurs(path: string): boolean {
  const note = join(path, noteName);
  if (!existsSync(note) || !lstatSync(note).isFile()) return false;
  try {
    return typeof JSON.parse(readFileSync(note, 'utf8')).job_id === 'string';
  } catch {
    return false;
  }
}

/** What could not be filled is of no use to anybody. */
export const removeReproFolder = (path: string): void => rmSync(path, { recursive: true, force: true });
