import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { XmlScanner } from './xml-scanner.ts';
import { type Attributes, BrokenXml, localName } from './xml-tag.ts';
import { decodeReferences } from './xml-text.ts';

/** The content of a document, one line for each event; undefined where it is not whole. */
type Read = (xml: string) => string[] | undefined;

const said = (lines: readonly string[]): string[] => {
  const joined: string[] = [];
  for (const line of lines) {
    const last = joined.at(-1);
    if (line.startsWith('text ') && last?.startsWith('text '))
      joined[joined.length - 1] = last + line.slice(5);
    else if (line !== 'text ') joined.push(line);
  }
  return joined;
};

const inParts =
  (cut: (xml: string) => string[]): Read =>
  (xml) => {
    const lines: string[] = [];
    let raw = '';
    const flush = (line?: string): void => {
      if (raw !== '') lines.push(`text ${decodeReferences(raw)}`);
      raw = '';
      if (line !== undefined) lines.push(line);
    };
    const scanner = new XmlScanner({
      open: (name: string, attributes: Attributes) => flush(`<${name} ${JSON.stringify(attributes)}`),
      close: () => flush('>'),
      text: (part, isQuoted) => {
        if (isQuoted) flush(`text ${part}`);
        else raw += part;
      },
    });
    try {
      for (const part of cut(xml)) scanner.write(part);
      scanner.end();
    } catch (error) {
      if (error instanceof BrokenXml) return undefined;
      throw error;
    }
    return said(lines);
  };

const whole = inParts((xml) => [xml]);
const byCharacter = inParts((xml) => xml.split(''));

/** The same by a parser that follows the standard exactly. */
const standard: Read = (xml) => {
  const lines: string[] = [];
  const parser = new SaxesParser();
  // `]]>` in a text hides nothing, and is accepted.
  parser.on('error', (error) => {
    if (!error.message.includes('disallowed in char data')) throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    lines.push(
      `<${localName(name)} ${JSON.stringify(Object.entries(attributes).map(([key, value]) => [localName(key), value]))}`,
    );
  });
  parser.on('closetag', () => lines.push('>'));
  parser.on('text', (text) => lines.push(`text ${text}`));
  parser.on('cdata', (text) => lines.push(`text ${text}`));
  try {
    parser.write(xml).close();
  } catch {
    return undefined;
  }
  // Only blanks may be around the root.
  return said(
    lines.slice(
      lines.findIndex((line) => line.startsWith('<')),
      lines.lastIndexOf('>') + 1,
    ),
  );
};

const word = fc.constantFrom('a', 'b', 'x:failure', 'Case', 'c-d.e', '_f');
const text = fc.constantFrom(
  'x',
  ' ',
  'é😀',
  '&lt;',
  '&#65;',
  '&#x1F600;',
  '&amp;amp;',
  '>',
  ']',
  '"',
  "'",
  '--',
  '-',
  '/',
);
const markup = fc.oneof(
  fc.constantFrom('<!-- x < y -->', '<![CDATA[<a>&lt;]]>', '<![CDATA[]]]]>', '<?pi a > b?>', '<!---->'),
  fc.constantFrom('<a/>', '<b x="1" y=\'2"\'/>', '<a  b = "&quot;>" />', '<a\n\tb="1"\n/>'),
  // No documents.
  fc.constantFrom(
    '</a>',
    '<a',
    '<',
    '<a b>',
    '<a b=c/>',
    '<a b="1"c="2"/>',
    '<a b="<"/>',
    '<a b="1" b="2"/>',
    '<!DOCTYPE a>',
  ),
  fc.constantFrom(
    '<1/>',
    '< a/>',
    '<a / >',
    '</ a>',
    '<!x>',
    '<![CDATA[',
    '<!--',
    '<?',
    '<a b="',
    '</>',
    '<>',
  ),
);
const { node } = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    text,
    { arbitrary: markup, weight: 1 },
    fc
      .tuple(word, fc.array(tie('node'), { maxLength: 4 }))
      .map(([name, inner]) => `<${name}>${inner.join('')}</${name} >`),
  ),
}));
const documents = fc
  .tuple(
    word,
    fc.array(node, { maxLength: 6 }),
    fc.constantFrom('', '\n', '<!-- end -->', 'x', '<a/>', '<?x?>'),
  )
  .map(([name, inner, end]) => `<?xml version="1.0"?>\n<${name} n="1">${inner.join('')}</${name}>${end}`);

test('takes for whole what the standard takes for whole, and reads the same in it', () => {
  let taken = 0;
  fc.assert(
    fc.property(documents, (xml) => {
      // Two dashes in a comment are not allowed; the scanner reads on to its end.
      fc.pre(!/<!--(?:(?!-->).)*?--(?!>)/s.test(xml));
      const expected = standard(xml);
      if (expected) taken += 1;
      expect(whole(xml)).toEqual(expected);
    }),
    { numRuns: 3000 },
  );
  // There were many of both kinds.
  expect(taken).toBeGreaterThan(300);
  expect(taken).toBeLessThan(2700);
});

test('reads the same however the file is cut into parts', () => {
  fc.assert(
    fc.property(documents, (xml) => {
      expect(byCharacter(xml)).toEqual(whole(xml));
    }),
    { numRuns: 1000 },
  );
});

test('whatever the text is, it is read or broken, and never anything else', () => {
  const pieces = fc.constantFrom(
    '<',
    '>',
    '/',
    '!',
    '-',
    '[',
    ']',
    'CDATA[',
    '?',
    '"',
    '=',
    ' ',
    'a',
    '&',
    ';',
    'DOCTYPE',
    '\0',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      expect(byCharacter(parts.join(''))).toEqual(whole(parts.join('')));
    }),
    { numRuns: 2000 },
  );
});
