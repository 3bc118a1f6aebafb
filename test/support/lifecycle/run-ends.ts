import type { Run } from '../../../protocol/shapes/run.ts';
import type { Outcome, RunReason } from '../../../protocol/states.ts';

/** How the jobs of a run ended, and the settings that matter. */
export interface Ended {
  readonly counts: Pick<Run['counts'], 'passed' | 'flaky' | 'failed' | 'errored' | 'cancelled'>;
  readonly superseded: boolean;
  readonly failOnFlaky: boolean;
  /** Those that are cancelled were so by `max_failures`. */
  readonly stopped: boolean;
  /** The submit said `fail_on: new`, and every failure is known on the base branch. */
  readonly known: boolean;
  /** Every failure is in quarantine. */
  readonly quarantined: boolean;
}

/** A row of the page's table of ends. The first row whose `holds` is true counts. */
export interface RunEnd extends Pick<Run, 'status' | 'conclusion'> {
  readonly jobs: string;
  readonly holds: (ended: Ended) => boolean;
  /** The reason if the run was not superseded; for `errored`, if its jobs ended by errors of the infrastructure. */
  readonly reason: string | null;
  /** The page's text for the reason; absent: the reason itself. */
  readonly reasonText?: string;
}

/** The reason of an errored run: the first one that fits one of its errored jobs. */
export const erroredReasons: readonly {
  readonly reason: RunReason;
  readonly outcomes: readonly Outcome[];
}[] = [
  { reason: 'app', outcomes: ['build_error', 'install_failed'] },
  { reason: 'report', outcomes: ['report_error'] },
  { reason: 'rejected', outcomes: ['rejected'] },
  { reason: 'no_device', outcomes: ['no_device'] },
  { reason: 'device', outcomes: ['expired_in_queue'] },
  { reason: 'infrastructure', outcomes: ['infra_error', 'timeout', 'poison'] },
];

export const runEnds: readonly RunEnd[] = [
  {
    jobs: 'superseded, and some job cancelled by it',
    holds: ({ superseded, counts }) => superseded && counts.cancelled > 0,
    ...{ status: 'cancelled', conclusion: 'neutral', reason: 'superseded' },
  },
  {
    jobs: 'some failed, all of them known failures, some passed, and the submit said `fail_on: new`',
    holds: ({ counts, failOnFlaky, superseded, known }) =>
      known &&
      counts.failed > 0 &&
      counts.passed > 0 &&
      counts.errored + counts.cancelled === 0 &&
      !superseded &&
      !(failOnFlaky && counts.flaky > 0),
    ...{ status: 'passed', conclusion: 'success', reason: 'known_failures' },
  },
  {
    jobs: 'some failed, all of them in quarantine (or known, with `fail_on: new`), and some passed',
    holds: ({ counts, failOnFlaky, superseded, quarantined }) =>
      quarantined &&
      counts.failed > 0 &&
      counts.passed > 0 &&
      counts.errored + counts.cancelled === 0 &&
      !superseded &&
      !(failOnFlaky && counts.flaky > 0),
    ...{ status: 'passed', conclusion: 'success', reason: 'quarantined' },
  },
  {
    jobs: 'some failed, and `max_failures` cancelled others',
    holds: ({ counts, stopped }) => counts.failed > 0 && counts.cancelled > 0 && stopped,
    ...{ status: 'failed', conclusion: 'failure', reason: 'max_failures' },
  },
  {
    jobs: 'some failed',
    holds: ({ counts }) => counts.failed > 0,
    ...{ status: 'failed', conclusion: 'failure', reason: null },
  },
  {
    jobs: 'some errored',
    holds: ({ counts }) => counts.errored > 0,
    ...{
      status: 'errored',
      conclusion: 'failure',
      reason: 'infrastructure',
      reasonText: 'one of those below',
    },
  },
  {
    jobs: 'some cancelled',
    holds: ({ counts }) => counts.cancelled > 0,
    ...{ status: 'cancelled', conclusion: 'cancelled', reason: null },
  },
  {
    jobs: 'some flaky, and the submit said `fail_on_flaky`',
    holds: ({ counts, failOnFlaky }) => counts.flaky > 0 && failOnFlaky,
    ...{ status: 'failed', conclusion: 'failure', reason: 'flaky' },
  },
  {
    jobs: 'all passed, flaky ones included',
    holds: ({ counts }) => counts.passed > 0,
    ...{ status: 'passed', conclusion: 'success', reason: null },
  },
];
