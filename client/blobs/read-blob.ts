import { readFile, stat } from 'node:fs/promises';
import type { Blob, BlobLine } from './blob-shape.ts';
import { tameLine } from './tame-line.ts';
import { fields, odd, text } from './tame-value.ts';

/** Agents leave less. In bytes. */
const mostBytes = 64 * 2 ** 20;
/** Of the lines; another one may mean something else. */
const version = 2;

/**
 * Reads what an agent left of a test file. Of a file whose process was killed the last line may be cut: then it ends
 * before that. Errors: `invalid`, or of JSON, for what is none, is damaged, or is of another version.
 */
export async function readBlob(path: string): Promise<Blob> {
  if ((await stat(path)).size > mostBytes) throw odd('its size');
  const [head = '', ...more] = (await readFile(path, 'utf8')).split('\n');
  // What comes after the last end of a line is no whole line.
  more.pop();
  const { params } = fields(JSON.parse(head));
  const { version: written, file, playwright } = fields(params);
  if (written !== version) throw odd('its version');
  const lines = more.map((line) => tameLine(JSON.parse(line))).filter((line) => line !== undefined);
  return {
    ...{ file: text(file), playwright: text(playwright) },
    projects: lines.flatMap(({ params: { project } }) => (project ? [project] : [])),
    lines: lines.filter(({ method }: BlobLine) => method !== 'onProject'),
  };
}
