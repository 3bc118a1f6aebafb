import { createHash } from 'node:crypto';
import type { Followed } from '../follow/follow-run.ts';
import { failureBlocks } from '../summary/failures.ts';
import { escapeMarkdown } from '../summary/markdown.ts';
import { factsOf } from '../summary/render-summary.ts';
import { type Section, type Stamp, withoutMarks } from './sections.ts';

/** Which step of the workflow reports. */
export interface Place {
  readonly job: string;
  /** The values of the matrix. */
  readonly leg: string | undefined;
  /** Tells two uses of the Action in one job apart. */
  readonly step: string;
  readonly stamp: Stamp;
  /** The commit under test. */
  readonly sha: string;
}

const maxWhy = 400;
const shaDigits = 12;

/** What the comment says of this step. */
export function describeSection(
  { followed, failure }: { readonly followed: Followed; readonly failure: string | undefined },
  { job, leg, step, stamp, sha }: Place,
): Section {
  const { record } = followed;
  const name = escapeMarkdown(leg === undefined ? job : `${job} (${leg})`, 120);
  const open = record.jobs.filter(({ status }) => status !== 'passed');
  const lines = [
    `#### ${failure === undefined ? 'Passed' : 'Failed'}: ${name}`,
    ...(failure === undefined ? [] : [escapeMarkdown(failure, maxWhy)]),
    `${factsOf(record).join('\n\n')} · commit ${escapeMarkdown(sha.slice(0, shaDigits))}`,
  ];
  return {
    key: createHash('sha256')
      .update(JSON.stringify([job, leg, step]))
      .digest('hex')
      .slice(0, 16),
    stamp,
    result: failure === undefined ? 'passed' : 'failed',
    head: withoutMarks(lines.join('\n\n')),
    blocks: failure === undefined ? [] : failureBlocks(open, followed.evidence).map(withoutMarks),
    isCut: false,
  };
}
