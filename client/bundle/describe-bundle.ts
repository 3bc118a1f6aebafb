import { formatBytes } from '../../protocol/sizes.ts';
import type { SentBundle } from './send-bundle.ts';

/** `3 files, 12 KiB packed`; where the whole repository around the folder was packed, of which; and `uploaded before`. */
export function describeBundle({ files, bytes, isNew, root, source }: SentBundle): string {
  const count = `${files} ${files === 1 ? 'file' : 'files'}`;
  const of = source.subdir === undefined ? '' : ` of ${root}`;
  return `${count}${of}, ${formatBytes(bytes)} packed${isNew ? '' : ', uploaded before'}`;
}
