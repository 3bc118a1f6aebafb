import type { Client } from '../../client/index.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { resultOf } from '../../report/outcome-words.ts';

/** So many logs are shown of a run, its first failures; the summary links to all. */
export const maxLogs = 20;

const maxLines = 150;
const maxChars = 32_000;

/** A part of the step's log: the title of what is folded, and the text. */
export type Folded = readonly [title: string, text: string];

/** The end of what the last attempt of a job wrote. Undefined where it wrote nothing. */
export async function readFailedLog(
  client: Client,
  job: Job,
  signal: AbortSignal,
): Promise<Folded | undefined> {
  const { job_id: id, attempt } = job;
  const bytes = await client.call('readLogs', { params: { id }, query: { attempt, offset: 0 }, signal });
  const text = new TextDecoder().decode(bytes).trimEnd();
  if (text === '') return undefined;
  return [`log of ${job.test_path} on ${job.target}, ${resultOf(job)}`, lastLines(text)];
}

/** The last 150 lines, 32,000 characters at most; a first line says what is left out. */
export function lastLines(text: string): string {
  const lines = text.split('\n');
  const kept = lines.slice(-maxLines).join('\n').slice(-maxChars);
  const left = lines.length - kept.split('\n').length;
  if (kept.length === text.length) return text;
  return `… ${left === 0 ? 'the start' : `${left} lines`} left out; the log of the job has them\n${kept}`;
}
