import { oneLine } from '../../protocol/clean-text.ts';
import { submitDefaults } from '../../protocol/limits.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { shellWord } from '../output/shell-word.ts';

/** What one may want to type after a run that did not pass, or passed only at a second try. */
export function nextSteps(run: Run, jobs: readonly Job[]): string[] {
  const isRed = jobs.some(({ status }) => status === 'failed' || status === 'errored');
  const doubtful =
    jobs.find(({ status }) => status === 'failed') ?? jobs.find(({ outcome }) => outcome === 'flaky');
  return stepLines([
    ...(isRed
      ? [
          ['once more', `qgjob retry ${run.run_id} --failed --wait`] as const,
          ['on a page', `qgjob open ${run.run_id}`] as const,
        ]
      : []),
    ...(doubtful ? [['how often', huntOf(run, doubtful)] as const] : []),
  ]);
}

/** What one may want to type after a hunt that saw its test fail, most often on the device of this name. */
export const stepsAfterHunt = (device: string | undefined): string[] =>
  device === undefined
    ? []
    : stepLines([['by hand', `qgjob devices borrow ${shellWord(oneLine(device))} --for 30m`]]);

type Step = readonly [what: string, command: string];

function stepLines(steps: readonly Step[]): string[] {
  if (steps.length === 0) return [];
  const width = Math.max(...steps.map(([what]) => what.length)) + 1;
  return ['', 'next:', ...steps.map(([what, command]) => `  ${`${what}:`.padEnd(width)}  ${command}`)];
}

/** Its source is the folder in which it is typed. */
function huntOf({ org_id, app_version_id }: Run, { test_path, target }: Job): string {
  const flags = [
    ['--org-id', org_id],
    ['--app-version-id', app_version_id],
    ...(target === submitDefaults.target ? [] : [['--target', target]]),
  ];
  const words = flags.map(([name = '', value = '']) => `${name}=${shellWord(value)}`);
  return `qgjob hunt ${[shellWord(test_path), ...words].join(' ')}`;
}
