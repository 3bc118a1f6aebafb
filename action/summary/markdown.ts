import { cutText } from '../../protocol/clean-text.ts';
import { cleanLine, cleanLines } from '../log/clean-lines.ts';

// Characters by which Markdown or HTML begins something. Written as numbers they are text wherever they stand, also in
// a table's cell, where a backslash before a bar would not be safe.
const special = /[&<>|[\]\\`*_~$!@#]/g;

/** Text of somebody else as Markdown that shows it and does nothing: no link, image, mention, issue or table cell. */
export function escapeMarkdown(text: string, length = 300): string {
  return cleanLine(text, length)
    .replace(special, (char) => `&#${char.charCodeAt(0)};${afterMark(char)}`)
    .replaceAll('://', '&#58;//')
    .replace(/www\./gi, (word) => word.replace('.', '&#46;'));
}

// Mentions and issue numbers are looked for in what is shown, where a number would not stop them.
const afterMark = (char: string): string => (char === '@' || char === '#' ? '&#8203;' : '');

/** A block of text as it is, inside a fence that is longer than any in it. */
export function fence(text: string, length: number): string {
  const body = cutText(cleanLines(text).join('\n').trim(), length);
  const longest = Math.max(2, ...(body.match(/`+/g) ?? []).map((run) => run.length));
  const marks = '`'.repeat(longest + 1);
  return `${marks}text\n${body}\n${marks}`;
}

/** A link, where the server's address is one; else the words alone. */
export function link(words: string, address: string): string {
  const url = URL.parse(address);
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isWeb ? `<a href="${url.href.replaceAll('"', '%22').replaceAll('&', '&amp;')}">${words}</a>` : words;
}
