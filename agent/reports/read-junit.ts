import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { readReportFile } from './read-report-file.ts';

const maxBytes = 20 * 1024 * 1024;

/** Undefined: there is no file. `broken` says in one line why the file cannot be trusted. */
export type JunitReport = { readonly tests: TestCase[] } | { readonly broken: string } | undefined;

/** Reads a JUnit file of any of its dialects. */
export async function readJunitFile(path: string): Promise<JunitReport> {
  const file = await readReportFile(path, maxBytes);
  if ('missing' in file) return undefined;
  if ('tooLarge' in file)
    return { broken: `the JUnit file has ${file.tooLarge} bytes, ${maxBytes} are allowed` };
  return parseJunit(file.text);
}

/**
 * The cases of a JUnit text. Counters are not believed but counted again. Checked before it is parsed: the parser
 * alone takes a truncated file for a whole one.
 */
export function parseJunit(xml: string): NonNullable<JunitReport> {
  if (hasDoctype(xml)) return { broken: 'the JUnit file holds a DOCTYPE, which is refused' };
  const valid = XMLValidator.validate(xml);
  if (valid !== true)
    return { broken: `the JUnit file is not whole: ${valid.err.msg} (line ${valid.err.line})` };
  try {
    const document = parser.parse(xml) as Node;
    const roots = [...nodes(document.testsuites), ...nodes(document.testsuite)];
    const [root] = roots;
    if (!root) return { broken: 'the JUnit file has no testsuites and no testsuite' };
    // The validator lets it pass; two writers of one file may have lost a part of either.
    if (roots.length > 1) return { broken: 'the JUnit file is not whole: it has more than one root' };
    return { tests: casesOf(root) };
  } catch (error) {
    return { broken: `the JUnit file cannot be read: ${(error as Error).message}` };
  }
}

/** A DOCTYPE anywhere but in quoted text and comments: a page that a test quotes is no declaration. */
function hasDoctype(xml: string): boolean {
  return /<!DOCTYPE/i.test(xml.replace(/<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->/g, ''));
}

type Node = { readonly [name: string]: unknown };

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
});

/** Elements of one name: an element without attributes and children comes as its text. */
function nodes(value: unknown): Node[] {
  const list = Array.isArray(value) ? (value as unknown[]) : [];
  return list.map((item) => (typeof item === 'object' && item !== null ? (item as Node) : { '#text': item }));
}

function casesOf(suite: Node): TestCase[] {
  const own = nodes(suite.testcase).map((testcase) => readCase(testcase, suite));
  const nested = [...nodes(suite.testsuite), ...nodes(suite.testsuites)].flatMap((inner) => casesOf(inner));
  // A suite whose set-up failed says so itself, without a case.
  const broken = problems(suite);
  const itself =
    broken.length === 0 ? [] : [readCase({ ...suite, '@name': `${attribute(suite, 'name')} (suite)` }, {})];
  return [...itself, ...own, ...nested];
}

function readCase(testcase: Node, suite: Node): TestCase {
  const file = attribute(testcase, 'file') || attribute(suite, 'file');
  const line = Number.parseInt(attribute(testcase, 'line'), 10);
  const message = messageOf(testcase);
  return {
    name: nameOf(testcase, suite),
    ...(file && { file }),
    ...(line >= 0 && { line }),
    status: statusOf(testcase),
    duration_ms: milliseconds(attribute(testcase, 'time')),
    ...(message && { message }),
  };
}

function nameOf(testcase: Node, suite: Node): string {
  const name = attribute(testcase, 'name') || '(no name)';
  const written = attribute(testcase, 'classname');
  // Node's own reporter writes the class "test" for every test; then the suite says more.
  const owner = written && written !== 'test' ? written : attribute(suite, 'name');
  return owner === '' || name.startsWith(owner) ? name : `${owner} › ${name}`;
}

function statusOf(testcase: Node): TestCase['status'] {
  if (problems(testcase).length > 0) return 'failed';
  if (testcase.skipped !== undefined) return 'skipped';
  return testcase.flakyFailure !== undefined || testcase.flakyError !== undefined ? 'flaky' : 'passed';
}

const problems = (node: Node): Node[] => [
  ...nodes(node.failure),
  ...nodes(node.error),
  ...nodes(node.rerunFailure),
  ...nodes(node.rerunError),
];

function messageOf(testcase: Node): string {
  const told = [...problems(testcase), ...nodes(testcase.flakyFailure), ...nodes(testcase.flakyError)];
  return told
    .map((node) => [attribute(node, 'message'), text(node)])
    .map(([message = '', body = '']) => (body.includes(message) ? body : `${message}\n${body}`).trim())
    .filter((part) => part !== '')
    .join('\n\n');
}

const text = (node: Node): string => decode(String(node['#text'] ?? '')).trim();

function attribute(node: Node, name: string): string {
  const value = node[`@${name}`];
  return typeof value === 'string' ? decode(value) : '';
}

/** The parser leaves character references for line ends as they are. */
const decode = (value: string): string =>
  value.replace(/&#(?:10|xa);/gi, '\n').replace(/&#(?:13|9|xd|x9);/gi, ' ');

/** Seconds as reports write them, `1,234.5` included. */
function milliseconds(seconds: string): number {
  const value = Number(seconds.replaceAll(',', ''));
  return Number.isFinite(value) && value > 0 ? Math.round(value * 1000) : 0;
}
