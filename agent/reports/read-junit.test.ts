import { expect, test } from 'vitest';
import { parseJunit } from './read-junit.ts';

const suite = (inner: string, attributes = '') => `<testsuite name="s" ${attributes}>${inner}</testsuite>`;
const parsed = (xml: string, root?: string) => {
  const report = parseJunit(xml, root);
  if ('broken' in report) throw new Error(report.broken);
  return report.tests;
};

const dialects: [what: string, xml: string, expected: string[]][] = [
  ['a bare testsuite', suite('<testcase name="a"/>'), ['passed s › a']],
  ['testsuites around it', `<testsuites>${suite('<testcase name="a"/>')}</testsuites>`, ['passed s › a']],
  ['nested suites', suite(suite('<testcase name="a"/>')), ['passed s › a']],
  [
    'cases without a suite (node --test)',
    '<testsuites><testcase name="a" classname="test"/></testsuites>',
    ['passed a'],
  ],
  ['a class name', suite('<testcase name="a" classname="c.D"/>'), ['passed c.D › a']],
  ['a name that says its class already', suite('<testcase name="c a" classname="c"/>'), ['passed c a']],
  [
    'a failure with an attribute',
    suite('<testcase name="a"><failure message="no"/></testcase>'),
    ['failed s › a: no'],
  ],
  ['a failure as text', suite('<testcase name="a"><failure>no</failure></testcase>'), ['failed s › a: no']],
  [
    'an empty failure beside an error',
    suite('<testcase name="a"><failure/><error message="x"/></testcase>'),
    ['failed s › a: x'],
  ],
  [
    'a message that its text repeats',
    suite('<testcase name="a"><failure message="no">Error: no at 1</failure></testcase>'),
    ['failed s › a: Error: no at 1'],
  ],
  [
    'a message that its text repeats later on (node --test)',
    suite('<testcase name="a"><failure message="1 !== 2">[Error [X]: 1 !== 2\n] {}</failure></testcase>'),
    ['failed s › a: 1 !== 2\n[Error [X]: 1 !== 2\n] {}'],
  ],
  [
    'a message beside a text of its own',
    suite('<testcase name="a"><failure message="no">at a.js:1</failure></testcase>'),
    ['failed s › a: no\nat a.js:1'],
  ],
  [
    'quoted markup',
    suite('<testcase name="a"><failure><![CDATA[<!DOCTYPE html>]]></failure></testcase>'),
    ['failed s › a: <!DOCTYPE html>'],
  ],
  [
    'entities',
    suite('<testcase name="a &lt;b&gt;"><failure message="x&#10;y"/></testcase>'),
    ['failed s › a <b>: x\ny'],
  ],
  [
    'characters by number',
    suite('<testcase name="&#60;a&#x3E; &#x1F600;"><failure>&#60;b&#0062;</failure></testcase>'),
    ['failed s › <a> 😀: <b>'],
  ],
  [
    'numbers of no character',
    suite('<testcase name="&#0;&#xD800;&#x110000;&#99999999999;"/>'),
    ['passed s › &#0;&#xD800;&#x110000;&#99999999999;'],
  ],
  [
    'references that a test quotes',
    suite('<testcase name="&amp;#60;"><failure><![CDATA[&#60;&lt;]]></failure></testcase>'),
    ['failed s › &#60;: &#60;&lt;'],
  ],
  ['skipped', suite('<testcase name="a"><skipped/></testcase>'), ['skipped s › a']],
  [
    'skipped with a reason',
    suite('<testcase name="a"><skipped message="later"/></testcase>'),
    ['skipped s › a'],
  ],
  [
    'a flaky pass',
    suite('<testcase name="a"><flakyFailure message="once"/></testcase>'),
    ['flaky s › a: once'],
  ],
  [
    'a rerun that failed too',
    suite('<testcase name="a"><failure message="1"/><rerunFailure message="2"/></testcase>'),
    ['failed s › a: 1\n\n2'],
  ],
  ['a suite whose set-up failed', suite('<error message="no database"/>'), ['failed s (suite): no database']],
  [
    'counters that are wrong',
    suite('<testcase name="a"><failure message="no"/></testcase>', 'tests="9" failures="0"'),
    ['failed s › a: no'],
  ],
  [
    'many entities',
    suite(`<testcase name="${'&lt;'.repeat(300_000)}"/>`),
    [`passed s › ${'<'.repeat(300_000)}`],
  ],
  ['nothing', '<testsuites/>', []],
];

test.each(dialects)('reads %s', (_what, xml, expected) => {
  const seen = parsed(xml).map((one) => `${one.status} ${one.name}${one.message ? `: ${one.message}` : ''}`);
  expect(seen).toEqual(expected);
});

test('takes file, line and time, thousands separators included', () => {
  const [one] = parsed(suite('<testcase name="a" file="t/a.js" line="7" time="1,234.5"/>'));
  expect(one).toMatchObject({ file: 't/a.js', line: 7, duration_ms: 1_234_500 });
});

const files: [what: string, written: string, file: string | undefined][] = [
  ['in the workspace', '/srv/app/t/a.js', 't/a.js'],
  ['in the workspace, as an address', 'file:///srv/app/t/a.js', 't/a.js'],
  ['elsewhere on the host', '/home/me/a.js', undefined],
  ['in a folder whose name begins like the workspace', '/srv/apple/a.js', undefined],
  ['of another system', 'C:\\work\\app\\a.js', undefined],
  ['that is relative', 't/a.js', 't/a.js'],
  ['whose name begins with dots', '/srv/app/..t/a.js', '..t/a.js'],
];

test.each(files)('a file %s shows nothing of the host', (_what, written, file) => {
  const [one] = parsed(suite(`<testcase name="a" file="${written}"/>`), '/srv/app');
  expect(one?.file).toBe(file);
});

test('without a workspace no absolute path is kept', () => {
  expect(parsed(suite('<testcase name="a" file="/srv/app/a.js"/>'))[0]).not.toHaveProperty('file');
});

const broken: [what: string, xml: string, why: RegExp][] = [
  ['a file cut in the middle', '<testsuite name="s"><testcase name="a"/>', /not whole/],
  ['a file cut inside a tag', '<testsuite name="s"><testca', /not whole/],
  ['an empty file', '', /not whole/],
  ['something else', 'exit 1', /not whole/],
  ['two roots', '<testsuite/><testsuite/>', /not whole|cannot be read/],
  ['another document', '<html><body/></html>', /no testsuites/],
  ['a DOCTYPE', '<!DOCTYPE x [<!ENTITY e "y">]><testsuite/>', /DOCTYPE/],
  ['a DOCTYPE further down', '<testsuite><!DOCTYPE x></testsuite>', /DOCTYPE/],
  ['a DOCTYPE behind a comment', '<!-- x --><!doctype x><testsuite/>', /DOCTYPE/],
  ['a DOCTYPE behind quoted text', '<testsuite><![CDATA[<!--]]><!DOCTYPE x></testsuite>', /DOCTYPE/],
  ['comments that never end', '<!--'.repeat(2_000_000), /not whole/],
  ['comments that never end in a suite', `<testsuite>${'<!--'.repeat(2_000_000)}`, /not whole/],
  [
    'comments that never end behind it',
    `<testsuite/>${'<!--'.repeat(2_000_000)}`,
    /not whole|cannot be read/,
  ],
  ['quoted text that never ends', '<![CDATA['.repeat(2_000_000), /not whole/],
  ['quoted text that never ends in a suite', `<testsuite>${'<![CDATA['.repeat(2_000_000)}`, /not whole/],
  [
    'quoted text that never ends behind it',
    `<testsuite/>${'<![CDATA['.repeat(2_000_000)}`,
    /not whole|cannot/,
  ],
  ['a name that would pollute', '<testsuite><__proto__>x</__proto__></testsuite>', /cannot be read/],
  ['very deep nesting', `${'<testsuite>'.repeat(20_000)}${'</testsuite>'.repeat(20_000)}`, /cannot be read/],
];

test.each(broken)('does not trust %s', (_what, xml, why) => {
  expect(parseJunit(xml)).toEqual({ broken: expect.stringMatching(why) });
});
