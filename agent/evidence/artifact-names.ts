import { createHash } from 'node:crypto';
import { deviceOfWindows, diskName, flawOfNewName } from '../../protocol/artifact-names.ts';
import { isSeenName } from '../../protocol/clean-text.ts';
import { limits } from '../../protocol/limits.ts';

/**
 * Names for artifacts, one for each of these relative paths with `/`, which may hold anything. A path that is a good name
 * stays as it is. Any other one, and one that differs from an earlier one by upper case alone, since a disk to which it is
 * downloaded may not tell them apart, gets a mark before its extension. The same paths always get the same names.
 */
export function artifactNames(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const isGood = flawOfNewName(path) === undefined && !taken.has(path.toLowerCase());
    const name = isGood ? path : madeName(path);
    taken.add(name.toLowerCase());
    return name;
  });
}

const markOf = (path: string): string => `~${createHash('sha256').update(path).digest('hex').slice(0, 8)}`;

/** Bytes of the last part of a name without its mark, at most: few file systems take more than 255. */
const lastPartBytes = 200;

function madeName(path: string): string {
  const parts = path.toWellFormed().split('/').filter(Boolean).map(toPart);
  const [, stem = '', extension = ''] = /^(.*?)((?:\.[A-Za-z0-9]{1,10})?)$/s.exec(parts.pop() ?? '') ?? [];
  let name = `${cutBytes(stem, lastPartBytes) || '_'}${markOf(path)}${extension}`;
  // Of a path that is too long its end says most.
  for (const part of parts.reverse()) {
    if (Buffer.byteLength(`${part}/${name}`) > limits.artifactNameBytes) break;
    name = `${part}/${name}`;
  }
  return name;
}

const toPart = (part: string): string =>
  [...part]
    .map((char) => (isSeenName(char) && char !== '\\' ? diskName(char) : '_'))
    .join('')
    .replace(/[. ]+$/, (end) => '_'.repeat(end.length))
    .replace(deviceOfWindows, '_$1$2');

/** The beginning of a text, in whole characters. */
function cutBytes(text: string, most: number): string {
  let cut = '';
  for (const char of text) {
    if (Buffer.byteLength(cut + char) > most) break;
    cut += char;
  }
  return cut;
}
