import { describe, expect, test } from 'vitest';
import { readVerdict } from '../test-support/read-verdict.ts';

const xml = (declaration: string, name = 'größe'): string =>
  `${declaration}<testsuite name="s"><testcase name="${name}"><failure message="zu groß"/></testcase></testsuite>`;
const declared = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?>\n`;
const utf16le = (text: string): Buffer => Buffer.from(text, 'utf16le');
const utf16be = (text: string): Buffer => utf16le(text).swap16();
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

const encodings: [what: string, bytes: Buffer][] = [
  ['UTF-8 without a declaration', Buffer.from(xml(''))],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${xml(declared('utf-8'))}`)],
  ['UTF-8 whose mark contradicts the declaration', Buffer.from(`\ufeff${xml(declared('ISO-8859-1'))}`)],
  ['UTF-16 LE', utf16le(`\ufeff${xml(declared('utf-16'))}`)],
  ['UTF-16 BE', utf16be(`\ufeff${xml(declared('UTF-16'))}`)],
  ['UTF-16 LE without a mark', utf16le(xml(declared('utf-16')))],
  ['UTF-16 BE without a mark or declaration', utf16be(xml(''))],
  ['UTF-8 that is declared to be UTF-16', Buffer.from(xml(declared('utf-16')))],
  ['ISO-8859-1', latin1(xml(declared('ISO-8859-1')))],
  ['Windows-1252, in single quotes', latin1(xml("<?xml version='1.0' encoding='Windows-1252'?>"))],
  [
    'ISO-8859-15, beside standalone',
    latin1(xml('<?xml version="1.0" encoding="ISO-8859-15" standalone="yes" ?>')),
  ],
  ['an empty encoding', Buffer.from(xml(declared('')))],
];
test.each(encodings)('reads %s', async (_what, bytes) => {
  expect(await readVerdict(bytes, 1)).toMatchObject({
    verdict: 'failed',
    tests: ['failed s › größe: zu groß'],
  });
});

test('reads Shift_JIS and Windows-1251', async () => {
  const put = (encoding: string, bytes: number[]): Buffer =>
    Buffer.concat([
      latin1(xml(declared(encoding), '').replace(/name="".*/s, 'name="')),
      Buffer.from(bytes),
      latin1('"/></testsuite>'),
    ]);
  expect((await readVerdict(put('Shift_JIS', [0x83, 0x65, 0x83, 0x58, 0x83, 0x67]))).tests).toEqual([
    'passed s › テスト',
  ]);
  expect((await readVerdict(put('windows-1251', [0xf2, 0xe5, 0xf1, 0xf2]))).tests).toEqual([
    'passed s › тест',
  ]);
});

test('a character that two parts of the file share is one', async () => {
  const name = `x${'ö€😀'.repeat(30_000)}`;
  const { result } = await readVerdict(
    `<testsuite><testcase name="a"><failure>${name}</failure></testcase></testsuite>`,
    1,
  );
  expect(result.tests?.[0]?.message).not.toContain('\ufffd');
});

test.each(['ebcdic-cp-us', 'klingon', 'utf-7'])(
  'an encoding %s is reported as unknown, not guessed',
  async (encoding) => {
    const { verdict, result } = await readVerdict(xml(declared(encoding)), 0);
    expect(verdict).toBe('report_error');
    expect(result.error).toContain(`its encoding "${encoding}" is not known`);
  },
);

test('UTF-32 is reported as unknown', async () => {
  const { verdict, result } = await readVerdict(Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0]));
  expect(verdict).toBe('report_error');
  expect(result.error).toContain('"utf-32le" is not known');
});

describe('what is no text costs no verdict', () => {
  test.each([
    [
      'bytes that are no UTF-8',
      Buffer.concat([
        Buffer.from('<testsuite><testcase name="a'),
        Buffer.from([0xff, 0xc3]),
        Buffer.from('"><failure>x'),
        Buffer.from([0x80]),
        Buffer.from('</failure></testcase></testsuite>'),
      ]),
    ],
    [
      'a raw escape',
      '<testsuite><testcase name="a"><failure>\u001b[31mx\u001b[0m</failure></testcase></testsuite>',
    ],
    [
      'a reference to an escape',
      '<testsuite><testcase name="a"><failure message="&#27;[31mx&#x1B;[0m"/></testcase></testsuite>',
    ],
    ['a NUL', '<testsuite><testcase name="a\u0000"><failure>x\u0000</failure></testcase></testsuite>'],
    [
      'references to no character',
      '<testsuite><testcase name="a"><failure>x&#x0;&#xD800;&#99999999;</failure></testcase></testsuite>',
    ],
    [
      'names of HTML',
      '<testsuite><testcase name="a"><failure>x&nbsp;&eacute;</failure></testcase></testsuite>',
    ],
    [
      'a lone ampersand',
      '<testsuite><testcase name="a&b" classname="x?y=1&z=2"><failure>x && y &</failure></testcase></testsuite>',
    ],
    [
      'U+FFFE and half of a pair',
      '<testsuite><testcase name="a"><failure>x\ufffe\ud83d</failure></testcase></testsuite>',
    ],
    [
      'an end of quoted text in a text',
      '<testsuite><testcase name="a"><failure>x ]]> y</failure></testcase></testsuite>',
    ],
    [
      'two dashes in a comment',
      '<testsuite><!-- a -- b --><testcase name="a"><failure>x</failure></testcase></testsuite>',
    ],
    [
      'lines before the declaration',
      '\n\n<?xml version="1.0"?><testsuite><testcase name="a"><failure>x</failure></testcase></testsuite>',
    ],
  ])('%s', async (_what, content) => {
    const { verdict, tests } = await readVerdict(content, 1);
    expect(verdict).toBe('failed');
    expect(tests[0]).toMatch(/: x/);
    expect(
      (await readVerdict(String(content).replace(/<failure.*\/(failure)?>(?=<\/testcase)/s, ''), 0)).verdict,
    ).toBe('passed');
  });
});
