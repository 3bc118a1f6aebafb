import type { BodyOf } from '../../protocol/contracts.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import type { Outcome, RunReason } from '../../protocol/states.ts';
import type { EndsLab } from './lab.ts';

/** What API, CLI and Action report about a run with this end. */
export interface ExpectedEnd {
  /** The API. */
  readonly run: Pick<Run, 'status' | 'conclusion' | 'reason'>;
  /** `qgjob wait`. */
  readonly exitCode: number;
  /** The Action's outputs, and why its step fails; undefined if it does not fail. */
  readonly step: { readonly status: string; readonly conclusion: string; readonly fails: RegExp | undefined };
}

/** One possible end of a run. */
export interface End extends ExpectedEnd {
  readonly name: string;
  /** Outcomes of its jobs, each once; null for a job that is not final. */
  readonly outcomes: readonly (Outcome | null)[];
  /** Part of a job's error, which shows that this was the reason. */
  readonly because?: RegExp;
  /** Brings a run to this end and returns its id. */
  readonly make: (lab: EndsLab) => Promise<string>;
  /** How long CLI and Action wait for it, ms; absent: without a limit. */
  readonly waitMs?: number;
  /** The token for the wait; absent: the one of the submit. */
  readonly token?: (lab: EndsLab) => string;
}

/** An end that comes from tests run by a real agent, on a device of its own. */
export interface TestedEnd extends Omit<End, 'make'> {
  readonly files: Readonly<Record<string, string>>;
  readonly body?: Partial<BodyOf<'submitRun'>>;
}

export const passed: ExpectedEnd = {
  run: { status: 'passed', conclusion: 'success', reason: null },
  exitCode: 0,
  step: { status: 'passed', conclusion: 'success', fails: undefined },
};

export const failed: ExpectedEnd = {
  run: { status: 'failed', conclusion: 'failure', reason: null },
  exitCode: 1,
  step: { status: 'failed', conclusion: 'failure', fails: /^\d+ of \d+ jobs? failed: / },
};

export const errored: ExpectedEnd = {
  run: { status: 'errored', conclusion: 'failure', reason: 'infrastructure' },
  exitCode: 1,
  step: {
    status: 'errored',
    conclusion: 'failure',
    fails: /^\d+ of \d+ jobs? had no verdict, a problem of the infrastructure and not of a test: /,
  },
};

const reasonTexts: Partial<Record<RunReason, string>> = {
  report: "the test's report could not be believed",
  rejected: 'the agent refused the job',
  app: 'the app (?:could not be installed|file is not valid)',
  device: 'no device took it in time',
  no_device: 'no device offers the target',
};

/** Errored for another reason, for which the step has its own message. */
export const erroredBy = (reason: RunReason): ExpectedEnd => ({
  ...errored,
  run: { ...errored.run, reason },
  step: {
    ...errored.step,
    fails: new RegExp(`^\\d+ of \\d+ jobs? had no verdict, ${reasonTexts[reason]}: `),
  },
});

export const cancelled: ExpectedEnd = {
  run: { status: 'cancelled', conclusion: 'cancelled', reason: null },
  exitCode: 1,
  step: { status: 'cancelled', conclusion: 'cancelled', fails: /^\d+ of \d+ jobs? cancelled: / },
};

export const superseded: ExpectedEnd = {
  run: { status: 'cancelled', conclusion: 'neutral', reason: 'superseded' },
  exitCode: 1,
  step: {
    status: 'cancelled',
    conclusion: 'neutral',
    fails: /^the run was superseded by one of a newer commit$/,
  },
};
