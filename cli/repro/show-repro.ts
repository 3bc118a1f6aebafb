import type { AttemptResult, PlannedRepro } from '../../agent/repro/repro.ts';
import { print, printJson, say } from '../output/print.ts';
import { describeRepro } from './describe-repro.ts';
import type { Laid, PlanFlags } from './laid.ts';
import { hide, shellLine, unsetFor } from './shell-line.ts';

interface Flags extends PlanFlags {
  readonly json?: true;
}

/** Prints the commands, or all that is known as JSON. */
export function showRepro(laid: Laid, planned: PlannedRepro, flags: Flags): void {
  if (flags.json) {
    showJson(laid, planned);
    return;
  }
  tellOf(laid, planned, flags);
  for (const step of planned.steps) print(shellLine(step, laid.hidden));
}

/** What is said beside the commands. */
export function tellOf(
  { repro, ran, dir, app }: Laid,
  { notes, steps, whyNot }: PlannedRepro,
  { print: isPlan, run }: Flags,
): void {
  const lines = describeRepro(repro, ran, { dir, app, isPlan: isPlan ?? false });
  // What is missing before its set-ups may be there after them.
  const isMissing = whyNot !== undefined && !run && steps.every(({ name }) => name !== 'set-up');
  for (const line of [...lines, ...notes, ...(isMissing ? [`it cannot be run so: ${whyNot}`] : [])])
    say(line);
}

export interface Ended {
  readonly exitCode: number;
  readonly result: AttemptResult;
}

export function showJson(
  { repro, ran, dir, app, places, hidden }: Laid,
  planned: PlannedRepro,
  end?: Ended,
): void {
  const steps = planned.steps.map((step) => ({ ...hide(step, hidden), unset: unsetFor(step, hidden) }));
  const test = steps.at(-1);
  const before = steps
    .slice(0, -1)
    .map(({ name, argv, cwd, own, unset }) => ({ name, command: argv, cwd, env: own, unset }));
  printJson({
    ...{ job_id: repro.job_id, attempt: ran.attempt, test_path: repro.test_path },
    ...{ dir, app: app || null, bundle: places.top === undefined ? null : places.root },
    ...{ framework: planned.framework, before },
    ...{ env: test?.own, unset: test?.unset, command: test?.argv, cwd: test?.cwd },
    ...{ withheld: repro.withheld, notes: planned.notes },
    ...(end && {
      ...{ exit_code: end.exitCode, verdict: end.result.verdict, error: end.result.error ?? null },
    }),
  });
}
