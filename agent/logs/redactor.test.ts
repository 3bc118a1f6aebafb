import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText } from '../../protocol/clean-text.ts';
import { createMasks } from './masks.ts';

const mask = (secrets: readonly string[], text: string): string =>
  createMasks(secrets).maskFrom(Buffer.from(text), 0).toString();

/** Cuts a text at these places and masks it piece by piece. */
function streamed(secrets: readonly string[], bytes: Uint8Array, cuts: readonly number[]): Buffer {
  const redactor = createMasks(secrets).openStream();
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const parts = edges.slice(1).map((edge, index) => redactor.write(bytes.subarray(edges[index], edge)));
  return Buffer.concat([...parts, redactor.end()]);
}

// Few letters, so that secrets overlap each other and themselves, and escapes of letters, whole and cut.
const letters = fc.constantFrom('a', 'b', 'c');
const secret = fc.string({ unit: letters, minLength: 6, maxLength: 12 });
const odd = [
  '\n',
  '\r\n  ',
  'é',
  'x',
  '\u0000',
  '%61',
  '%6',
  '\\u0062',
  '\\u00',
  '\\x63',
  '&#97;',
  '&#x62;',
  '&am',
  '\u001b[1m',
  '\u001b[',
  '\u001b]0;',
  '\u0007',
  '\u001b\\',
  '\u009b1m',
  '\u202e',
  '\u061c',
  '\u2028',
  '\\u001b[1m',
  '%1b[7m',
  '\\\\u0061',
  '%2562',
  '\u200b',
  '\ufeff',
];
const piece = (secrets: readonly string[]) =>
  fc.oneof(fc.string({ unit: letters, maxLength: 8 }), fc.constantFrom(...secrets), fc.constantFrom(...odd));
const scene = fc.uniqueArray(secret, { minLength: 1, maxLength: 4 }).chain((secrets) =>
  fc.record({
    secrets: fc.constant(secrets),
    text: fc.array(piece(secrets), { maxLength: 20 }).map((parts) => parts.join('')),
    cuts: fc.array(fc.nat(), { maxLength: 12 }),
  }),
);

test('wherever a log is cut into writes, no secret comes through, cleaned neither, and the result is the same', () => {
  fc.assert(
    fc.property(scene, ({ secrets, text, cuts }) => {
      const seen = streamed(secrets, Buffer.from(text), cuts).toString();
      expect(seen).toBe(mask(secrets, text));
      for (const one of secrets) {
        expect(seen).not.toContain(one);
        expect(cleanText(seen)).not.toContain(one);
      }
    }),
    {
      numRuns: 3000,
      // What ends like an escape is none on a terminal, which takes the sequence out.
      examples: [[{ secrets: ['abbcabab'], text: '\\u00abbcaba\u001b[1mb', cuts: [] }]],
    },
  );
});

test('wherever a secret stands in a base64 text, none of its own characters come through', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 8, maxLength: 40 }).filter((text) => text.trim() === text),
      fc.string({ maxLength: 7 }),
      fc.string({ maxLength: 7 }),
      fc.constantFrom('base64' as const, 'base64url' as const),
      (value, before, after, encoding) => {
        const text = Buffer.from(before + value + after).toString(encoding);
        const masked = mask([value], text);
        const decoded = Buffer.from(masked.replace(/\[redacted\].*/, ''), encoding).toString('latin1');
        expect(masked).toContain('[redacted]');
        expect(decoded.length).toBeLessThanOrEqual(Buffer.byteLength(before) + 1);
      },
    ),
  );
});

test('what is no secret comes through byte by byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (bytes, cuts) => {
      expect(streamed(['not in there at all'], bytes, cuts).equals(bytes)).toBe(true);
    }),
  );
});

const value = 'p@ss/w"ö\\rd <1>&é+%𝄞';
const utf8 = Buffer.from(value);
const percent = (text: string, as: (hex: string) => string) =>
  [...Buffer.from(text)].map((byte) => as(byte.toString(16).padStart(2, '0'))).join('');
const units = (text: string) =>
  text.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
const xml = (text: string) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
const named = (text: string) =>
  text.replace(
    /[&<>"]/g,
    (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char] ?? char,
  );
const wrapped = (text: string, width: number, end: string) =>
  text.replace(new RegExp(`.{${width}}`, 'g'), (line) => line + end);
const long = `${value} and much more of it, so that it takes several lines in every encoding there is 0123456789`;

const coloured = value.replace('ss', '\u001b[7ms\u001b[27ms');
const encodings: [string, string, string | Buffer][] = [
  ['itself', value, value],
  ['hex', value, utf8.toString('hex')],
  ['hex in capitals', value, utf8.toString('hex').toUpperCase()],
  ['hex in lines, as xxd -p writes it', long, wrapped(Buffer.from(long).toString('hex'), 60, '\n')],
  ['a URL', value, encodeURIComponent(value)],
  ['a URL in small letters', value, encodeURIComponent(value).toLowerCase().replace('w', 'w')],
  ['a URL where everything is escaped', value, percent(value, (hex) => `%${hex}`)],
  ['a form', value, new URLSearchParams({ a: value }).toString().slice(2)],
  ['JSON', value, JSON.stringify(value).slice(1, -1)],
  [
    'JSON in ASCII',
    value,
    units(value)
      .map((unit) => `\\u${unit}`)
      .join(''),
  ],
  [
    'JSON in ASCII, capitals',
    value,
    units(value)
      .map((unit) => `\\u${unit.toUpperCase()}`)
      .join(''),
  ],
  ['JSON of PHP', value, JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/')],
  ['JavaScript', value, [...value].map((char) => `\\u{${char.codePointAt(0)?.toString(16)}}`).join('')],
  ['bytes of Python', value, percent(value, (hex) => `\\x${hex}`)],
  ['a shell', value, value.replace(/[^\w]/gu, (char) => (char > '\u007f' ? char : `\\${char}`))],
  ['XML', value, named(value)],
  ['XML by numbers', value, xml(value)],
  ['UTF-16', value, Buffer.from(value, 'utf16le')],
  ['UTF-16, the other order', value, Buffer.from(value, 'utf16le').swap16()],
  ['UTF-16 of ASCII', 'just-ascii', Buffer.from('just-ascii', 'utf16le').swap16()],
  ['base64', value, utf8.toString('base64')],
  ['base64 for URLs', value, utf8.toString('base64url')],
  ['base64 in a URL', value, encodeURIComponent(utf8.toString('base64'))],
  ['base64 of UTF-16', value, Buffer.from(`-${value}-`, 'utf16le').toString('base64').slice(3, -4)],
  ...[64, 76].flatMap((width): [string, string, string][] =>
    ['\n', '\r\n', '\n    ', '\\n'].map((end) => [
      `base64 in lines of ${width}, ended by ${JSON.stringify(end)}`,
      long,
      wrapped(Buffer.from(long).toString('base64'), width, end),
    ]),
  ),
  ['colours between', value, [...value].join('\u001b[1;31m')],
  ['a colour that a log writes', value, value.replace('ss', 's\u001b[0ms')],
  ['titles between', value, value.replace('ss', 's\u001b]0;title\u0007s')],
  ['links between', value, value.replace('ss', 's\u001b]8;;http://x\u001b\\s')],
  ['C1 sequences between', value, value.replace('ss', 's\u009b1ms')],
  ['control characters between', value, [...value].join('\u0000\u0008')],
  ['turned directions between', value, [...value].join('\u202e')],
  ['an escape before', value, `\u001b${value}`],
  ['a title that is not ended before', value, `\u001b]0;${value}`],
  ['a percent sign before', value, `%${value}`],
  ['a backslash before', value, `\\\\${value}`],
  ['JSON with a colour in it', value, JSON.stringify(coloured).slice(1, -1)],
  ['a string of Python with a colour in it', value, coloured.replaceAll('\u001b', '\\x1b')],
  ['a string of a shell with a colour in it', value, coloured.replaceAll('\u001b', '\\e')],
  ['XML by numbers with a colour in it', value, xml(coloured).replaceAll('\u001b', '&#27;')],
  ['a URL with a colour in it', value, encodeURIComponent(coloured)],
  ['JSON in JSON', value, JSON.stringify(JSON.stringify(value)).slice(3, -3)],
  ['JSON in JSON with a colour in it', value, JSON.stringify(JSON.stringify(coloured)).slice(3, -3)],
  ['a URL in a URL', value, encodeURIComponent(encodeURIComponent(value))],
  ['JSON in XML', value, named(JSON.stringify(value).slice(1, -1))],
  ['letters without a width between', value, [...value].join('\u200b')],
  [
    'marks of all kinds without a width between',
    value,
    value.replace('ss', 's\ufeff\u00ad\u2060\u{e0020}\u3164\u034f\u180e\uffa0s'),
  ],
  ['a colour and an escaped character', value, encodeURIComponent(value).replace('ss', 's\u001b[0ms')],
];

describe('a secret is masked', () => {
  test.each(encodings)('as %s', (_how, one, written) => {
    const bytes = Buffer.concat([Buffer.from('a '), Buffer.from(written as string), Buffer.from(' z')]);
    const masked = createMasks([one]).maskFrom(bytes, 0).toString('latin1');
    expect(masked).toContain('[redacted]');
    // Little else is left: the text around it, and what an encoding adds at its ends.
    expect(masked.replaceAll('[redacted]', '').length).toBeLessThanOrEqual(15);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(streamed([one], bytes, [cut]).toString('latin1')).toBe(masked);
    }
  });
});

test.each([
  ['numbers in a column', '123456', '12\n34\n56'],
  ['a word that another one only begins like', 'secret-1', 'secret-2 secret- 1'],
  ['blanks that are missing', 'correct horse', 'correcthorse'],
])('%s are no secret', (_what, one, text) => {
  expect(mask([one], text)).toBe(text);
});

test('a value that holds escapes itself is found as it is written, and where it was escaped again', () => {
  const url = 'postgres://u:p%40ss@db/x?a=1&b="2"';
  for (const text of [url, named(url), JSON.stringify(url), encodeURIComponent(url)]) {
    expect(mask([url], text)).toMatch(/^"?\[redacted\]"?$/);
  }
});

test('only what may become a secret is held back', () => {
  const redactor = createMasks(['secret']).openStream();
  const write = (text: string) => redactor.write(Buffer.from(text)).toString();
  expect(write('hello sec')).toBe('hello ');
  expect(write('ond')).toBe('second');
  expect(write('secr')).toBe('');
  expect(redactor.end().toString()).toBe('secr');
});

test('a sequence that never ends holds back no more than a few kilobytes', () => {
  const redactor = createMasks(['secret']).openStream();
  expect(redactor.write(Buffer.from('sec\u001b]0;')).length).toBe(0);
  expect(redactor.write(Buffer.alloc(10_000, 'x')).length).toBeGreaterThan(10_000);
});

test('a run of one letter does not grow what is held', () => {
  const redactor = createMasks(['aaaaaa']).openStream();
  const out = Array.from({ length: 100 }, () => redactor.write(Buffer.alloc(100, 'a')).toString()).join('');
  expect(out + redactor.end()).toBe('[redacted]');
});

test('each line of a secret of several lines is a secret', () => {
  const secrets = ['first line\n  second line\r\nend'];
  expect(mask(secrets, '> second line <')).toBe('> [redacted] <');
  expect(mask(secrets, 'first line\n  second line\nend')).toBe('[redacted]');
  expect(mask(secrets, 'the end')).toBe('the end');
});

test('what is before the asked part is read, but not answered', () => {
  const { maskFrom } = createMasks(['secret-1']);
  const from = (text: string, at: number) => maskFrom(Buffer.from(text), at).toString();
  expect(from('a secret-1 b', 0)).toBe('a [redacted] b');
  expect(from('a secret-1 b', 5)).toBe('[redacted] b');
  expect(from('a secret-1 b', 11)).toBe('b');
});
