import { agentFile } from '../support/workspace-files.ts';

/** What a test file of the suite does. */
export interface SuiteTest {
  readonly path: string;
  /** Its verdict if it runs to its end. */
  readonly ends: 'passed' | 'failed' | 'flaky' | 'infra_error';
}

interface Kind {
  readonly name: string;
  readonly count: number;
  readonly ends: SuiteTest['ends'];
  /** Shell script of the n-th of its kind, after its start is written to the journal. */
  readonly body: (n: number) => string;
}

/** Starts an orphan in a session of its own that ignores signals and runs for ten minutes or more. */
const startOrphan = (output: string) =>
  `( setsid sh -c 'trap "" TERM INT HUP; while :; do sleep 600; done' ${output} & )`;

const kinds: readonly Kind[] = [
  { name: 'quick', count: 14, ends: 'passed', body: (n) => `sleep 0.${50 + n * 30}; finish 0` },
  { name: 'slow', count: 10, ends: 'passed', body: (n) => `sleep ${(0.5 + n * 0.1).toFixed(1)}; finish 0` },
  { name: 'red', count: 3, ends: 'failed', body: (n) => `sleep 0.${n + 1}; finish 1` },
  {
    name: 'flaky',
    count: 3,
    ends: 'flaky',
    body: () => 'sleep 0.2; [ "$QGJOB_ATTEMPT" -gt 1 ] || finish 3; finish 0',
  },
  { name: 'infra', count: 1, ends: 'infra_error', body: () => 'sleep 0.1; finish 75' },
  {
    name: 'infra-once',
    count: 2,
    ends: 'passed',
    body: () => 'sleep 0.1; [ "$QGJOB_ATTEMPT" -gt 1 ] || finish 75; finish 0',
  },
  {
    name: 'ignores-signals',
    count: 2,
    ends: 'passed',
    body: () => `trap '' TERM INT; ${startOrphan('> /dev/null 2>&1')}; sleep 1; finish 0`,
  },
  // Its orphan also keeps the output open.
  { name: 'keeps-output', count: 1, ends: 'passed', body: () => `${startOrphan('')}; sleep 0.3; finish 0` },
];

const pathOf = (kind: Kind, n: number): string => `tests/${kind.name}-${n}.sh`;
const numbers = ({ count }: Kind): number[] => Array.from({ length: count }, (_, n) => n);

/** Many tests that pass, and some of each other kind. A run has each test at most once. */
export const suite: readonly SuiteTest[] = kinds.flatMap((kind) =>
  numbers(kind).map((n) => ({ path: pathOf(kind, n), ends: kind.ends })),
);

export const firstWords = (jobId: string, attempt: number): string => `first words of ${jobId} ${attempt}`;
export const lastWords = (jobId: string, attempt: number): string => `last words of ${jobId} ${attempt}`;

/** Each test writes its start and its end to the journal, independent of the queue. */
const library = `note() { echo "$1 $QGJOB_JOB_ID $QGJOB_ATTEMPT $(date +%s%3N) $2" >> journal; }
finish() { echo "${lastWords('$QGJOB_JOB_ID', 0).replace(' 0', ' $QGJOB_ATTEMPT')}"; note end "$1"; exit "$1"; }
note begin -
echo "${firstWords('$QGJOB_JOB_ID', 0).replace(' 0', ' $QGJOB_ATTEMPT')}"
`;

/** The files of the workspace: settings for agents with two emulators and an install of 0.1 s, and the tests. */
export const suiteFiles: Readonly<Record<string, string>> = {
  'qgjob.agent.json': agentFile({ devices: 2, install: ['sleep', '0.1'] }),
  'library.sh': library,
  ...Object.fromEntries(
    kinds.flatMap((kind) => numbers(kind).map((n) => [pathOf(kind, n), `. ./library.sh\n${kind.body(n)}\n`])),
  ),
};

/** One line of the journal: the start or the end of a test. */
export interface JournalLine {
  readonly what: 'begin' | 'end';
  readonly jobId: string;
  readonly attempt: number;
  /** Epoch ms. */
  readonly at: number;
  /** Exit code; absent for a start. */
  readonly code?: number;
}

export function readJournal(text: string): JournalLine[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [what, jobId = '', attempt, at, code] = line.split(' ');
      if (what !== 'begin' && what !== 'end') throw new Error(`a line of the journal is damaged: ${line}`);
      return {
        what,
        jobId,
        attempt: Number(attempt),
        at: Number(at),
        ...(what === 'end' && { code: Number(code) }),
      };
    });
}
