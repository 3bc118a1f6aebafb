import { createHash } from 'node:crypto';
import type { Evidence } from './evidence.ts';
import { factsOf } from './facts-of.ts';
import { failureBlocks } from './failures.ts';
import { escapeMarkdown } from './markdown.ts';
import type { RunRecord } from './run-record.ts';
import { type Section, type Stamp, withoutMarks } from './sections.ts';

/** How a step or its run ended. */
export interface Reported {
  readonly record: RunRecord;
  readonly evidence?: Evidence | undefined;
  /** Why it does not count as passed. */
  readonly failure: string | undefined;
}

/** Which step of the workflow reports. */
export interface Place {
  readonly job: string;
  /** The values of the matrix. */
  readonly leg: string | undefined;
  /** Tells two uses of the Action in one job apart. */
  readonly step: string;
  /** The name of its check run, where that alone tells it from another one. */
  readonly call?: string | undefined;
  readonly stamp: Stamp;
  /** The commit under test. */
  readonly sha: string;
}

const maxWhy = 400;
const shaDigits = 12;

/** What the comment says of this step. */
export function describeSection(
  { record, evidence, failure }: Reported,
  { job, leg, step, call, stamp, sha }: Place,
): Section {
  const name = escapeMarkdown(call ?? (leg === undefined ? job : `${job} (${leg})`), 120);
  const open = record.jobs.filter(({ status }) => status !== 'passed');
  const lines = [
    `#### ${failure === undefined ? 'Passed' : 'Failed'}: ${name}`,
    ...(failure === undefined ? [] : [escapeMarkdown(failure, maxWhy)]),
    `${factsOf(record).join('\n\n')} · commit ${escapeMarkdown(sha.slice(0, shaDigits))}`,
  ];
  return {
    key: createHash('sha256')
      .update(JSON.stringify(call === undefined ? [job, leg, step] : [job, leg, step, call]))
      .digest('hex')
      .slice(0, 16),
    stamp,
    result: failure === undefined ? 'passed' : 'failed',
    head: withoutMarks(lines.join('\n\n')),
    blocks: failure === undefined ? [] : failureBlocks(open, evidence).map(withoutMarks),
    isCut: false,
  };
}
