const quotes = [
  { opening: '<!--', closing: '-->' },
  { opening: '<![CDATA[', closing: ']]>' },
];

/**
 * A DOCTYPE anywhere but in quoted text and comments: a page that a test quotes is no declaration. What is not closed
 * reaches to the end; such a file is not whole anyway. Looks at each character once, whatever a test has written.
 */
export function hasDoctype(xml: string): boolean {
  let at = xml.indexOf('<!');
  while (at !== -1) {
    if (xml.slice(at, at + '<!DOCTYPE'.length).toUpperCase() === '<!DOCTYPE') return true;
    const next = endOfMarkup(xml, at);
    if (next === undefined) return false;
    at = xml.indexOf('<!', next);
  }
  return false;
}

/** Where to go on behind the `<!` at `start`; undefined when what it opens is never closed. */
function endOfMarkup(xml: string, start: number): number | undefined {
  const quote = quotes.find(({ opening }) => xml.startsWith(opening, start));
  if (!quote) return start + '<!'.length;
  const end = xml.indexOf(quote.closing, start + quote.opening.length);
  return end === -1 ? undefined : end + quote.closing.length;
}
