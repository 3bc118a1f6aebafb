// `npm run bench`: how fast the queue is, compared with what a user would choose instead. See bench/README.md.
import { writeFileSync } from 'node:fs';
import { formatReport } from './format-report.ts';
import { killChildren } from './open-child.ts';
import { type Options, readOptions } from './options.ts';
import type { Report } from './report.ts';
import { runBench } from './run-bench.ts';
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

async function main(options: Options, workspace: Workspace): Promise<void> {
  const measured = await runBench(options, workspace);
  const report: Report = { ...measured, targets: checkTargets(measured) };
  writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${formatReport(report)}\n\nreport: ${options.json}\n`);
}

const options = readOptionsOrExit();
const workspace = makeWorkspace();
process.once('exit', () => {
  killChildren();
  workspace.remove();
});
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
await main(options, workspace);
