import { expect, test } from 'vitest';
import { readVerdict } from '../test-support/read-verdict.ts';
import { parseJunit } from './read-junit.ts';

const suite = (inner: string, attributes = '') => `<testsuite name="s" ${attributes}>${inner}</testsuite>`;
const parsed = async (xml: string, root?: string) => {
  const report = await parseJunit(xml, root === undefined ? {} : { root });
  expect(report.problem).toBeUndefined();
  return report.tests;
};

const names: [what: string, xml: string, expected: string[]][] = [
  ['a bare testsuite', suite('<testcase name="a"/>'), ['s › a']],
  [
    'testsuites around it',
    `<testsuites name="AllTests">${suite('<testcase name="a"/>')}</testsuites>`,
    ['s › a'],
  ],
  ['suites of one name in each other', suite(suite('<testcase name="a"/>')), ['s › a']],
  [
    'cases without a suite (node --test)',
    '<testsuites><testcase name="a" classname="test"/></testsuites>',
    ['a'],
  ],
  ['a class', suite('<testcase name="a" classname="c.D"/>'), ['s › c.D › a']],
  [
    'a class that is the suite',
    '<testsuite name="c.D"><testcase name="a" classname="c.D"/></testsuite>',
    ['c.D › a'],
  ],
  [
    'a class that ends in the suite',
    '<testsuite name="D"><testcase name="a" classname="c.D"/></testsuite>',
    ['c.D › a'],
  ],
  ['a class that is the name', suite('<testcase name="c a" classname="c a"/>'), ['s › c a']],
  ['a name that says its class', suite('<testcase name="c a" classname="c"/>'), ['s › c a']],
  ['a name that begins like its class', suite('<testcase name="cart" classname="c"/>'), ['s › c › cart']],
  [
    'a name that ends in its class (mocha)',
    suite('<testcase name="math adds" classname="adds"/>'),
    ['s › math adds'],
  ],
  [
    'the outer suites',
    `<testsuites>${['Checkout', 'Login'].map((name) => `<testsuite name="${name}"><testsuite name="form"><testcase name="submits"/></testsuite></testsuite>`).join('')}</testsuites>`,
    ['Checkout › form › submits', 'Login › form › submits'],
  ],
  [
    'classes whose names hide in the name of a test',
    suite('<testcase classname="Log" name="Login works"/><testcase classname="Login" name="Login works"/>'),
    ['s › Log › Login works', 's › Login works'],
  ],
  [
    'tests that differ only in their host',
    `<testsuites>${['firefox', 'chromium'].map((host) => `<testsuite name="s" hostname="${host}"><testcase name="a"/></testsuite>`).join('')}</testsuites>`,
    ['s › a', 'chromium › s › a'],
  ],
  ['no name', '<testsuite><testcase/></testsuite>', ['(no name)']],
  ['entities', suite('<testcase name="a &lt;b&gt; &#60;&#x1F600;"/>'), ['s › a <b> <😀']],
  ['a reference that a test quotes', suite('<testcase name="&amp;#60;"/>'), ['s › &#60;']],
];
test.each(names)('names tests apart: %s', async (_what, xml, expected) => {
  expect((await parsed(xml)).map((one) => one.name)).toEqual(expected);
});

test('names of any length that differ at their end stay two tests', async () => {
  const long = 'n'.repeat(300_000);
  const xml = suite(`<testcase name="${long}1"><failure message="x"/></testcase><testcase name="${long}2"/>`);
  expect((await readVerdict(xml)).verdict).toBe('failed');
  const tests = await parsed(xml);
  expect(tests[0]?.name).not.toBe(tests[1]?.name);
});

const messages: [what: string, inner: string, message: string | undefined][] = [
  ['an attribute', '<failure message="no"/>', 'no'],
  ['a text', '<failure>no</failure>', 'no'],
  ['a type alone', '<error type="java.lang.NullPointerException"/>', 'java.lang.NullPointerException'],
  ['a type before a text that does not say it', '<error type="E">at a.js:1</error>', 'E\nat a.js:1'],
  ['a type that its text says', '<error type="E">E: x\nat a.js:1</error>', 'E: x\nat a.js:1'],
  ['an empty one beside another', '<failure/><error message="x"/>', 'x'],
  ['a text that begins with the message', '<failure message="no">Error: no at 1</failure>', 'Error: no at 1'],
  ['a message inside of another word', '<failure message="no">node: bad</failure>', 'no\nnode: bad'],
  [
    "node's, whose text says it again",
    '<failure message="Expected values:&#10;&#10;1 !== 2&#10;">[Error [ERR_TEST_FAILURE]: Expected values:\n\n1 !== 2\n] {\n  code: 1\n}</failure>',
    '[Error [ERR_TEST_FAILURE]: Expected values:\n\n1 !== 2\n] {\n  code: 1\n}',
  ],
  [
    "node's short one",
    '<failure message="1 !== 2">[Error [X]: 1 !== 2\n] {}</failure>',
    '[Error [X]: 1 !== 2\n] {}',
  ],
  ['a message beside a text of its own', '<failure message="no">at a.js:1</failure>', 'no\nat a.js:1'],
  [
    'parts in elements',
    '<failure><message>no</message><stackTrace>at a.js:1</stackTrace></failure>',
    'no\nat a.js:1',
  ],
  ['quoted text', '<failure><![CDATA[<!DOCTYPE html> &lt;]]></failure>', '<!DOCTYPE html> &lt;'],
  ['text and quoted text', '<failure>a &lt;<![CDATA[b]]> c</failure>', 'a <b c'],
  ['the same twice', '<failure message="x"/><error message="x"/>', 'x'],
  ['output beside it', '<failure message="x"/><system-out>y</system-out>', 'x'],
  ['nothing', '<failure/>', undefined],
];
test.each(messages)('a message from %s', async (_what, inner, message) => {
  expect((await parsed(suite(`<testcase name="a">${inner}</testcase>`)))[0]?.message).toBe(message);
});

test('takes file, line and time, whatever they are called in capitals', async () => {
  const [one] = await parsed(suite('<testcase Name="a" FILE="t/a.js" Line="7" TIME="1,234.5"/>'));
  expect(one).toMatchObject({ file: 't/a.js', line: 7, duration_ms: 1_234_500 });
});

test.each(['18446744073709551615', '4294967295', '-1', '7.5', 'x', '1e20', ''])(
  'a line %s is dropped, not the test',
  async (line) => {
    const [one] = await parsed(suite(`<testcase name="a" line="${line}" time="NaN"/>`));
    expect(one).toEqual({ name: 's › a', status: 'passed', duration_ms: 0 });
  },
);

const files: [what: string, written: string, file: string | undefined][] = [
  ['in the workspace', '/srv/app/t/a.js', 't/a.js'],
  ['in the workspace, as an address', 'file:///srv/app/t/a.js', 't/a.js'],
  ['elsewhere on the host', '/home/me/a.js', undefined],
  ['in a folder whose name begins like the workspace', '/srv/apple/a.js', undefined],
  ['of another system', 'C:\\work\\app\\a.js', undefined],
  ['that is relative', 't/a.js', 't/a.js'],
  ['whose name begins with dots', '/srv/app/..t/a.js', '..t/a.js'],
];
test.each(files)('a file %s shows nothing of the host', async (_what, written, file) => {
  const [one] = await parsed(suite(`<testcase name="a" file="${written}"/>`), '/srv/app');
  expect(one?.file).toBe(file);
});

test('without a workspace no absolute path is kept', async () => {
  expect((await parsed(suite('<testcase name="a" file="/srv/app/a.js"/>')))[0]).not.toHaveProperty('file');
});

const broken: [what: string, xml: string, why: RegExp][] = [
  ['a file cut in the middle', '<testsuite name="s"><testcase name="a"/>', /before <testsuite> is closed/],
  ['a file cut inside a tag', '<testsuite name="s"><testca', /ends inside of a tag/],
  ['a file cut inside a value', '<testsuite name="s', /ends inside of a tag/],
  ['a file cut inside quoted text', '<testsuite><system-out><![CDATA[x', /ends inside of a tag or text/],
  ['an empty file', '', /it is empty/],
  ['blanks', ' \n ', /it is empty/],
  ['something else', 'exit 1', /text outside/],
  ['zeros, as a power failure leaves them', '\0'.repeat(5000), /is not known|text outside|is empty/],
  ['text behind the root', '<testsuite/>npm ERR!', /text outside/],
  ['two roots', '<testsuite/><testsuite/>', /more than one root/],
  ['two files in one', `${suite('')}<?xml version="1.0"?>${suite('')}`, /more than one root/],
  ['another document', '<html><body/></html>', /no testsuites/],
  ['a tag closed by another', '<testsuite><a></b></testsuite>', /<\/b> where <\/a> should be/],
  ['a tag closed twice', '<testsuite/></testsuite>', /closes nothing/],
  ['a value without quotes', '<testsuite name=s/>', /no whole tag/],
  [
    'an attribute twice',
    '<testsuite><testcase status="passed" status="failed"/></testsuite>',
    /stands twice/,
  ],
  [
    'a tag in a value',
    '<testsuite><testcase name="a <testcase name="b"/></testsuite>',
    /a "<" in the attribute/,
  ],
  ['a DOCTYPE', '<!DOCTYPE x [<!ENTITY e "y">]><testsuite/>', /DOCTYPE/],
  ['a DOCTYPE further down', '<testsuite><!DOCTYPE x></testsuite>', /DOCTYPE/],
  ['a DOCTYPE behind a comment', '<!-- x --><!doctype x><testsuite/>', /DOCTYPE/],
  ['a DOCTYPE behind quoted text', '<testsuite><![CDATA[<!--]]><!DOCTYPE x></testsuite>', /DOCTYPE/],
  ['another declaration', '<testsuite><!ENTITY e "y"></testsuite>', /a declaration/],
  [
    'very deep nesting',
    `${'<testsuite>'.repeat(1001)}${'</testsuite>'.repeat(1001)}`,
    /more than 1000 elements inside/,
  ],
  [
    'too many attributes',
    `<testsuite ${Array.from({ length: 2000 }, (_, index) => `a${index}=""`).join(' ')}/>`,
    /too many attributes/,
  ],
  ['a name without end', `<${'a'.repeat(5000)}`, /a name of more than/],
];
test.each(broken)('does not trust %s', async (_what, xml, why) => {
  const { verdict, result } = await readVerdict(xml);
  expect(verdict).toBe('report_error');
  expect(result.error).toMatch(why);
});

test('an error is reported with its line', async () => {
  expect((await parseJunit('<testsuite>\n<a>\n</b>')).problem).toMatch(/\(line 3\)$/);
});

test.each([
  ['behind it', '<testsuite><testcase name="a"><failure message="no"/></testcase><testcase'],
  ['in it', '<testsuite><testcase name="a"><failure message="no"/><system-out>'],
  ['in its own text', '<testsuite><testcase name="a"><failure message="no">at'],
])('a failure stays one where the file is cut %s', async (_what, xml) => {
  const { verdict, tests } = await readVerdict(xml, 1);
  expect(verdict).toBe('failed');
  expect(tests[0]).toMatch(/^failed a: no/);
});
