import { cutText } from '../protocol/clean-text.ts';
import { cleanLine, cleanLines } from './clean-lines.ts';

// Characters that begin something in Markdown or HTML. As numeric entities they are plain text everywhere, also in the
// cell of a table, where a backslash before a bar would not be safe.
const special = /[&<>|[\]\\`*_~$!@#]/g;

/** Foreign text as Markdown that only shows it: no link, image, mention, issue or table cell. `length` cuts it. */
export function escapeMarkdown(text: string, length = 300): string {
  return cleanLine(text, length)
    .replace(special, (char) => `&#${char.charCodeAt(0)};${afterMark(char)}`)
    .replaceAll('://', '&#58;//')
    .replace(commit, (hash) => `${hash.slice(0, 4)}&#8203;${hash.slice(4)}`)
    .replace(emoji, '&#58;&#8203;')
    .replace(/\bGH-(?=\d)/gi, (word) => `${word}&#8203;`)
    .replace(/www\./gi, (word) => word.replace('.', '&#46;'));
}

/** GitHub makes a link of what may be a commit, and a picture of `:tada:`. */
const commit = /(?<![\w&#;])(?:[0-9a-f]{40}|[0-9a-f]{64})(?![\w;])/gi;
const emoji = /:(?=(?:[a-z_+-][\w+-]*|100|1234|8ball):)/gi;

// GitHub looks for mentions and issue numbers in the rendered text, so an entity does not stop them.
const afterMark = (char: string): string => (char === '@' || char === '#' ? '&#8203;' : '');

// In a block of HTML nothing is Markdown. A bracket and a backtick are written so for programs that would read it as such.
const specialInHtml = /[&<>[\]`@]/g;

/** Foreign text as lines that keep their form, and nothing of which is HTML or Markdown. `length` cuts it as it is written. */
export function preformatted(text: string, length: number): string {
  let body = cutText(cleanLines(text).join('\n').trim(), length);
  let written = inHtml(body);
  while (written.length > length) {
    body = cutText(body, Math.floor((body.length * length) / written.length));
    written = inHtml(body);
  }
  return `<pre>${written}</pre>`;
}

const inHtml = (text: string): string => text.replace(specialInHtml, (char) => `&#${char.charCodeAt(0)};`);

/** A link, where the address is one of the web; else the words alone. */
export function link(words: string, address: string): string {
  const url = URL.parse(address);
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isWeb ? `<a href="${url.href.replaceAll('"', '%22').replaceAll('&', '&amp;')}">${words}</a>` : words;
}
