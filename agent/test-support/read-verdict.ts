import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FinishJob } from '../../protocol/shapes/agent.ts';
import { verdictOfCommand } from '../frameworks/verdict-of-command.ts';
import type { AttemptResult } from '../reports/attempt-result.ts';
import { fitReport } from '../reports/fit-report.ts';
import { readJunitFile } from '../reports/read-junit.ts';

export interface ReadVerdict {
  /** `passed`, `flaky`, `failed`, or the class of an error. */
  readonly verdict: string;
  /** Each as `status name: message`. */
  readonly tests: readonly string[];
  readonly result: AttemptResult;
}

/** The verdict of a command that ends with `exit` and leaves this JUnit file, read as the agent reads it. */
export async function readVerdict(content: string | Uint8Array, exit = 0): Promise<ReadVerdict> {
  return inFolder(async (folder) => {
    const path = join(folder, 'junit.xml');
    await writeFile(path, content);
    return readVerdictOfFile(path, exit);
  });
}

export async function readVerdictOfFile(path: string, exit = 0): Promise<ReadVerdict> {
  const report = await readJunitFile(path, { root: '/ws', isMended: exit === 0 });
  const end = { code: exit, signal: null, durationMs: 1 };
  const result = await fitReport(verdictOfCommand(end, report, ''), (text) => text);
  FinishJob.parse({ attempt: 1, duration_ms: 1, ...result });
  const isFlaky = result.verdict === 'passed' && (result.report?.flaky ?? 0) > 0;
  return {
    verdict: isFlaky ? 'flaky' : (result.error_class ?? result.verdict),
    tests: (result.tests ?? []).map(inWords),
    result,
  };
}

const inWords = ({
  status,
  name,
  message,
}: {
  status: string;
  name: string;
  message?: string | undefined;
}): string => `${status} ${name}${message ? `: ${message}` : ''}`;

/** A folder that is removed at the end. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'qgjob-report-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
