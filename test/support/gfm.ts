import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';

/** What a reader of Markdown sees, and what of it is more than text. */
export interface Rendered {
  readonly html: string;
  /** The names of all elements. */
  readonly elements: ReadonlySet<string>;
  /** Where links and images lead. */
  readonly addresses: readonly string[];
  /** Words that GitHub would make into mentions and issues: outside of code, it looks for them in the text. */
  readonly references: readonly string[];
}

/** Renders GitHub's Markdown with its HTML, as GitHub does before it removes what is dangerous. */
export function renderGfm(markdown: string): Rendered {
  const html = micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  const tags = [...html.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, name = '']) => name.toLowerCase());
  const addresses = [...html.matchAll(/\s(?:href|src)="([^"]*)"/gi)].map(([, address = '']) => address);
  const text = html
    .replace(/<pre>[\s\S]*?<\/pre>|<code>[\s\S]*?<\/code>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(?:x([0-9a-f]+)|(\d+));/gi, (_, hex, digits) =>
      String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(digits)),
    );
  const references = text.match(/(?<![\w/])(?:@[a-z\d][a-z\d-]*|#\d+|GH-\d+)/gi) ?? [];
  return { html, elements: new Set(tags), addresses, references };
}
