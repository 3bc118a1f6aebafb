import type { TestCase } from '../../protocol/shapes/job.ts';
import { JunitCases } from './junit-cases.ts';
import { decodeXml, openReport, readParts } from './report-file.ts';
import { TestList } from './test-list.ts';
import { XmlScanner } from './xml-scanner.ts';

export interface JunitReport {
  /** The tests that could be read, also where there is a problem. */
  readonly tests: TestCase[];
  /** Why the report cannot be trusted, in words: it is unreadable, cut, or contradicts itself. */
  readonly problem?: string;
}

/** How a report is read. */
export interface JunitOptions {
  /** File names are given relative to this folder; without it, absolute ones are left out. */
  readonly root?: string;
  /** The command exited with 0: a test that failed and then passed was tried again, and is flaky. */
  readonly isMended?: boolean;
}

/** Reads a JUnit file of any dialect and size, part by part. Undefined: there is none. */
export async function readJunitFile(path: string, options: JunitOptions): Promise<JunitReport | undefined> {
  const opened = await openReport(path);
  if ('missing' in opened) return undefined;
  if ('broken' in opened) return { tests: [], problem: opened.broken };
  try {
    return await readJunit(decodeXml(readParts(opened.file)), options);
  } finally {
    await opened.file.close();
  }
}

/** The same for a text. */
export function parseJunit(xml: string, options: JunitOptions = {}): Promise<JunitReport> {
  return readJunit([xml], options);
}

async function readJunit(
  parts: AsyncIterable<string> | Iterable<string>,
  { root, isMended = false }: JunitOptions,
): Promise<JunitReport> {
  const list = new TestList(root);
  const cases = new JunitCases((found) => list.add(found));
  const broken = await scan(parts, new XmlScanner(cases));
  if (broken !== undefined) cases.giveUp();
  const problem = broken ?? cases.problem;
  return { tests: await list.finish(isMended), ...(problem && { problem }) };
}

/** Why it cannot be read to its end, in words. */
async function scan(
  parts: AsyncIterable<string> | Iterable<string>,
  scanner: XmlScanner,
): Promise<string | undefined> {
  try {
    for await (const part of parts) scanner.write(part);
    scanner.end();
    return undefined;
  } catch (error) {
    // Also for a file that cannot be read to its end (EIO): the tests until there count.
    return (error as Error).message;
  }
}
