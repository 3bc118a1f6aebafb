import { formatBytes } from '../../protocol/sizes.ts';
import { plural } from '../../protocol/words.ts';
import type { PackedSource } from './pack-source.ts';

/**
 * `3 files, 12 KiB packed`; where the whole repository around the folder was packed, of which; and `uploaded before`, where
 * it is not new.
 */
export function describeBundle({ files, bytes, root, source }: PackedSource, isNew = true): string {
  const count = plural(files, 'file');
  const of = source.subdir === undefined ? '' : ` of ${root}`;
  return `${count}${of}, ${formatBytes(bytes)} packed${isNew ? '' : ', uploaded before'}`;
}

const namesShown = 3;

/** What was held back, in one line; undefined where nothing was. */
export function describeHeldBack({ heldBack }: PackedSource): string | undefined {
  if (heldBack.length === 0) return undefined;
  const more = heldBack.length > namesShown ? ` and ${heldBack.length - namesShown} more` : '';
  const count =
    heldBack.length === 1
      ? '1 file that may hold a secret'
      : `${heldBack.length} files that may hold secrets`;
  return `not packed: ${count} and git does not track: ${heldBack.slice(0, namesShown).join(', ')}${more} (a line !name in .qgjobignore packs it)`;
}
