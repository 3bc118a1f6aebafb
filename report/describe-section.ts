import { createHash } from 'node:crypto';
import type { Evidence } from '../protocol/evidence.ts';
import type { Github } from '../protocol/shapes/origin.ts';
import { legName } from './check-names.ts';
import { factsOf } from './facts-of.ts';
import { failureBlocks } from './failures.ts';
import { escapeMarkdown } from './markdown.ts';
import type { RunRecord } from './run-record.ts';
import { type Section, withoutMarks } from './sections.ts';

/** How a step or its run ended. */
export interface Reported {
  readonly record: RunRecord;
  readonly evidence?: Evidence | undefined;
  /** Why it does not count as passed. */
  readonly failure: string | undefined;
}

/** Which step of the workflow reports. */
export interface Place {
  readonly github: Pick<Github, 'job' | 'leg' | 'leg_name' | 'step' | 'sha' | 'run_id' | 'run_attempt'>;
  /** The name of its check run, where that alone tells it from another one. */
  readonly call: string | undefined;
}

const maxWhy = 400;
const shaDigits = 12;

/** What the comment says of this step. */
export function describeSection({ record, evidence, failure }: Reported, { github, call }: Place): Section {
  const { job, step = '', sha } = github;
  const leg = legName(github);
  const name = escapeMarkdown(call ?? (leg === undefined ? job : `${job} (${leg})`), 120);
  const open = record.jobs.filter(({ status }) => status !== 'passed');
  const lines = [
    `#### ${failure === undefined ? 'Passed' : 'Failed'}: ${name}`,
    ...(failure === undefined ? [] : [escapeMarkdown(failure, maxWhy)]),
    `${factsOf(record).join('\n\n')} · commit ${escapeMarkdown(sha.slice(0, shaDigits))}`,
  ];
  return {
    key: createHash('sha256')
      .update(JSON.stringify([job, github.leg, leg, step, call]))
      .digest('hex')
      .slice(0, 16),
    stamp: { runId: Number(github.run_id), attempt: github.run_attempt },
    result: failure === undefined ? 'passed' : 'failed',
    head: withoutMarks(lines.join('\n\n')),
    blocks: failure === undefined ? [] : failureBlocks(open, evidence).map(withoutMarks),
    isCut: false,
  };
}
