// `npm run bench`: how fast the queue is, compared with what a user would choose instead. See bench/README.md.
import { writeFileSync } from 'node:fs';
import { formatReport } from './format-report.ts';
import { killChildren } from './open-child.ts';
import { type Options, readOptions } from './options.ts';
import type { Report } from './report.ts';
import { runBench, startDraft } from './run-bench.ts';
import { checkTargets } from './targets.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';

function readOptionsOrExit(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}

/** Reports what was measured, also where the rest failed; then false. */
async function main(options: Options, workspace: Workspace): Promise<boolean> {
  const draft = startDraft(options);
  const error = await runBench(options, workspace, draft).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  draft.minutes = workspace.seconds() / 60;
  const report: Report = {
    ...(error && { error: error.message }),
    ...draft,
    targets: checkTargets(draft),
  };
  writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${formatReport(report)}\n\nreport: ${options.json}\n`);
  if (error) process.stderr.write(`${error.message}\n`);
  return error === undefined;
}

const options = readOptionsOrExit();
const workspace = makeWorkspace();
process.once('exit', () => {
  killChildren();
  workspace.remove();
});
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
// After a failure something may still be open.
if (!(await main(options, workspace))) process.exit(1);
