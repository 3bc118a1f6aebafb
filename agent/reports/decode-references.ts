const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * Text with the references of XML replaced: the five names, and numbers of any character. Each is replaced once:
 * `&amp;lt;` is the text `&lt;`. What is no reference to a character (`&nbsp;`, `&#x0;`, a lone `&`) stays as it is.
 */
export function decodeReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([\da-f]+)|#(\d+)|(lt|gt|amp|quot|apos));/gi,
    (whole: string, hex?: string, decimal?: string, name?: string) =>
      (name === undefined ? character(hex, decimal) : named[name]) ?? whole,
  );
}

/** Undefined for numbers that are no character: 0, halves of a surrogate pair, more than Unicode has. */
function character(hex: string | undefined, decimal: string | undefined): string | undefined {
  const code = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16);
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
