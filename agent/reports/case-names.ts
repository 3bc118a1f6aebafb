import { createHash } from 'node:crypto';

/** The place of a test in its report: its names there, and a key that identifies it. */
export interface CasePath {
  /** All names but the last, as they are shown. */
  readonly before: string;
  readonly last: string;
  /** All parts, shown or not: two tests have different keys wherever the report distinguishes them. */
  readonly key: string;
}

export const topPath: CasePath = { before: '', last: '', key: '' };

const between = ' › ';
const longest = 1000;

/** One part further in. `marks` distinguish this part from others of its name, and are not shown. */
export function extendPath(path: CasePath, part: string, marks: readonly string[] = []): CasePath {
  const key = shortened([path.key, ...marks, part].join('\0'));
  if (part === '' || part === path.last) return { ...path, key };
  if (path.last === '' || beginsOrEndsWith(part, path.last)) return { before: path.before, last: part, key };
  return { before: shortened(join(path.before, path.last), between), last: part, key };
}

/** All names, from the outermost suite in. */
export const shownName = ({ before, last }: CasePath): string => join(before, last) || '(no name)';

/** All names and marks: longer, but no other test has the same. */
export const fullName = ({ key }: CasePath): string => key.split('\0').filter(Boolean).join(between);

const join = (before: string, last: string): string => (before === '' ? last : `${before}${between}${last}`);

/** A long text ends in a hash, so that two texts stay different. No name is cut inside: half a secret is not masked. */
function shortened(text: string, mark = '\0'): string {
  if (text.length <= longest) return text;
  const end = text.lastIndexOf(mark, longest - 100);
  return `${text.slice(0, Math.max(0, end))}…${createHash('sha256').update(text).digest('hex')}`;
}

/**
 * True where a name begins or ends with these words, as `shop.CartTest` with `CartTest`: then they are not repeated
 * before the name.
 */
function beginsOrEndsWith(name: string, words: string): boolean {
  if (name.startsWith(words)) return /^[^\p{L}\p{N}_]/u.test(name.slice(words.length));
  return name.endsWith(words) && /[^\p{L}\p{N}_]$/u.test(name.slice(0, -words.length));
}
