import { readFile, stat } from 'node:fs/promises';
import type { Blob, BlobLine } from './blob-shape.ts';

/** Agents leave less. In bytes. */
const mostBytes = 64 * 2 ** 20;

/**
 * Reads what an agent left of a test file. Of a file whose process was killed the last line may be cut: then it ends
 * before that. Undefined where it is none.
 */
export async function readBlob(path: string): Promise<Blob | undefined> {
  if ((await stat(path)).size > mostBytes) return undefined;
  const lines: BlobLine[] = [];
  for (const text of (await readFile(path, 'utf8')).split('\n')) {
    const line = parse(text);
    if (line === undefined) break;
    lines.push(line);
  }
  const { file, playwright } = lines[0]?.params ?? {};
  if (typeof file !== 'string' || typeof playwright !== 'string') return undefined;
  return {
    ...{ file, playwright },
    projects: lines.flatMap(({ params: { project } }) => (project ? [project] : [])),
    lines: lines.slice(1).filter(({ method }) => method !== 'onProject'),
  };
}

function parse(text: string): BlobLine | undefined {
  try {
    const line = JSON.parse(text, tameLocation) as BlobLine | null;
    return line?.params && typeof line.params === 'object' ? line : undefined;
  } catch {
    return undefined;
  }
}

/** A source below the folder of the tests, in no folder with a dot. */
const isSource = /^(?!\/)(?!(?:.*\/)?\.)[^\\:]+\.[cm]?[jt]sx?$/;

/**
 * Playwright shows the lines around a place, and a test decides what stands here: another place than one in a source of
 * tests might show a secret of the machine that merges.
 */
const tameLocation = (key: string, value: unknown): unknown =>
  key === 'location' && value !== null && typeof value === 'object' && !isSource.test(fileOf(value))
    ? { file: 'elsewhere', line: 0, column: 0 }
    : value;

const fileOf = (location: object): string => ('file' in location ? String(location.file) : '');
