import { createHash } from 'node:crypto';

/** Where a test stands in its report: what it is called there, and what it is. */
export interface CasePath {
  /** All names but the last, as they are shown. */
  readonly before: string;
  readonly last: string;
  /** Every part, so that two tests differ here wherever the report tells them apart. */
  readonly key: string;
}

export const topPath: CasePath = { before: '', last: '', key: '' };

const between = ' › ';
const longest = 1000;

/** One part further in. `marks` tell this part from others of its name and are not shown. */
export function extendPath(path: CasePath, part: string, marks: readonly string[] = []): CasePath {
  const key = shortened([path.key, ...marks, part].join('\0'));
  if (part === '' || part === path.last) return { ...path, key };
  if (path.last === '' || tellsOf(part, path.last)) return { before: path.before, last: part, key };
  return { before: shortened(join(path.before, path.last), between), last: part, key };
}

/** All names, from the outermost suite in. */
export const shownName = ({ before, last }: CasePath): string => join(before, last) || '(no name)';

/** Every name and mark: longer, and never that of another test. */
export const fullName = ({ key }: CasePath): string => key.split('\0').filter(Boolean).join(between);

const join = (before: string, last: string): string => (before === '' ? last : `${before}${between}${last}`);

/** What is longer ends in a hash, so that two stay two. No name is cut: a secret in it would not be known any more. */
function shortened(text: string, mark = '\0'): string {
  if (text.length <= longest) return text;
  const end = text.lastIndexOf(mark, longest - 100);
  return `${text.slice(0, Math.max(0, end))}…${createHash('sha256').update(text).digest('hex')}`;
}

/** `shop.CartTest` begins or ends with the whole words `CartTest`: these need not stand in front of it again. */
function tellsOf(name: string, words: string): boolean {
  if (name.startsWith(words)) return /^[^\p{L}\p{N}_]/u.test(name.slice(words.length));
  return name.endsWith(words) && /[^\p{L}\p{N}_]$/u.test(name.slice(0, -words.length));
}
