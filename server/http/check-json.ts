import { QgjobError } from '../../protocol/errors.ts';

const maxDepth = 16;
const maxKeys = 200;
const maxItems = 100_000;

/** An object that is open at this point of the text, with its keys so far; or an array with the number of its items. */
type Open = { readonly keys: Set<string> } | { items: number };

/**
 * Refuses what JSON.parse accepts and no honest client sends: a key given twice (it is unclear which one counts),
 * `__proto__`, half a surrogate pair and NUL (the database keeps neither), and shapes so deep or wide that checking
 * them would block all other callers. Reads the text once; a text that is no JSON is left to JSON.parse. Errors:
 * `invalid`.
 */
export function checkJson(text: string): void {
  const open: Open[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    const inner = open.at(-1);
    if (char === '"') {
      const end = endOfString(text, at);
      checkString(text.slice(at, end), inner, isKey(text, end));
      at = end - 1;
    } else if (char === '{' || char === '[') {
      open.push(char === '{' ? { keys: new Set() } : { items: 1 });
      if (open.length > maxDepth) throw refuse(`it is nested deeper than ${maxDepth} levels`);
    } else if (char === '}' || char === ']') {
      open.pop();
    } else if (char === ',' && inner && 'items' in inner) {
      inner.items += 1;
      if (inner.items > maxItems) throw refuse(`a list has more than ${maxItems} items`);
    }
  }
}

/** The end of the string that begins at `start`; the end of the text where the string is not closed. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** A string before a colon is a key. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\t' || text[at] === '\r') at += 1;
  return text[at] === ':';
}

function checkString(raw: string, inner: Open | undefined, key: boolean): void {
  const value = raw.includes('\\') ? unquote(raw) : raw.slice(1, -1);
  if (value === undefined) return;
  if (!value.isWellFormed()) throw refuse('a string holds half a surrogate pair');
  if (value.includes('\0')) throw refuse('a string holds NUL');
  if (!key || !inner || !('keys' in inner)) return;
  if (value === '__proto__') throw refuse('"__proto__" is not allowed as a key');
  if (inner.keys.has(value)) throw refuse(`the key "${value}" is given twice`);
  inner.keys.add(value);
  if (inner.keys.size > maxKeys) throw refuse(`an object has more than ${maxKeys} keys`);
}

function unquote(raw: string): string | undefined {
  try {
    return JSON.parse(raw) as string;
  } catch {
    return undefined;
  }
}

const refuse = (why: string) => new QgjobError('invalid', `the body is not acceptable JSON: ${why}`);
