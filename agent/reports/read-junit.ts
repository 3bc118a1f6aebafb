import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { decodeReferences } from './decode-references.ts';
import { fileInRoot } from './file-in-root.ts';
import { hasDoctype } from './has-doctype.ts';
import { readReportFile } from './read-report-file.ts';

const maxBytes = 20 * 1024 * 1024;

/** Undefined: there is no file. `broken` says in one line why the file cannot be trusted. */
export type JunitReport = { readonly tests: TestCase[] } | { readonly broken: string } | undefined;

/** Reads a JUnit file of any of its dialects. `root` is the folder that file names are given relative to. */
export async function readJunitFile(path: string, root: string): Promise<JunitReport> {
  const file = await readReportFile(path, maxBytes);
  if ('missing' in file) return undefined;
  if ('tooLarge' in file)
    return { broken: `the JUnit file has ${file.tooLarge} bytes, ${maxBytes} are allowed` };
  return parseJunit(file.text, root);
}

/**
 * The cases of a JUnit text. Counters are not believed but counted again. Checked before it is parsed: the parser
 * alone takes a truncated file for a whole one. Without `root` no absolute file name is kept.
 */
export function parseJunit(xml: string, root?: string): NonNullable<JunitReport> {
  if (hasDoctype(xml)) return { broken: 'the JUnit file holds a DOCTYPE, which is refused' };
  const valid = XMLValidator.validate(xml);
  if (valid !== true)
    return { broken: `the JUnit file is not whole: ${valid.err.msg} (line ${valid.err.line})` };
  try {
    const document = parser.parse(xml) as Node;
    const roots = [...nodes(document.testsuites), ...nodes(document.testsuite)];
    const [top] = roots;
    if (!top) return { broken: 'the JUnit file has no testsuites and no testsuite' };
    // The validator lets it pass; two writers of one file may have lost a part of either.
    if (roots.length > 1) return { broken: 'the JUnit file is not whole: it has more than one root' };
    return { tests: casesOf(top, root) };
  } catch (error) {
    return { broken: `the JUnit file cannot be read: ${(error as Error).message}` };
  }
}

type Node = { readonly [name: string]: unknown };

// The parser's own decoder leaves numbers as they are, and refuses texts with many references.
const entityDecoder = {
  decode: decodeReferences,
  setExternalEntities: () => {},
  addInputEntities: () => {},
  setXmlVersion: () => {},
  reset: () => {},
};

const parser = new XMLParser({
  entityDecoder,
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

function casesOf(suite: Node, root: string | undefined): TestCase[] {
  const own = nodes(suite.testcase).map((testcase) => readCase(testcase, suite, root));
  const nested = [...nodes(suite.testsuite), ...nodes(suite.testsuites)].flatMap((inner) =>
    casesOf(inner, root),
  );
  // A suite whose set-up failed says so itself, without a case.
  const broken = problems(suite);
  const itself =
    broken.length === 0
      ? []
      : [readCase({ ...suite, '@name': `${attribute(suite, 'name')} (suite)` }, {}, root)];
  return [...itself, ...own, ...nested];
}

function readCase(testcase: Node, suite: Node, root: string | undefined): TestCase {
  const file = fileInRoot(attribute(testcase, 'file') || attribute(suite, 'file'), root);
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
    .map((node) => joinMessage(attribute(node, 'message').trim(), text(node)))
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The attribute says it cleanly and comes first. A body that begins with the same words says all by itself. */
function joinMessage(message: string, body: string): string {
  const said = body.replace(/^[\w.$]+(?: \[\w+\])?: /, '');
  if (body.startsWith(message) || said.startsWith(message)) return body;
  return `${message}\n${body}`.trim();
}

const text = (node: Node): string => String(node['#text'] ?? '').trim();

function attribute(node: Node, name: string): string {
  const value = node[`@${name}`];
  return typeof value === 'string' ? value : '';
}

/** Seconds as reports write them, `1,234.5` included. */
function milliseconds(seconds: string): number {
  const value = Number(seconds.replaceAll(',', ''));
  return Number.isFinite(value) && value > 0 ? Math.round(value * 1000) : 0;
}
