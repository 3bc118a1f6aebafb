// `npm run bench`: how fast the queue is, beside what a user would pick instead. bench/README.md says how to read it.
import { writeFileSync } from 'node:fs';
import { endChildren } from './open-child.ts';
import { type Options, readOptions } from './options.ts';
import { formatReport } from './print-report.ts';
import type { Report } from './report.ts';
import { runBench } from './run-bench.ts';
import { judge } from './targets.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';

async function main(options: Options, workspace: Workspace): Promise<void> {
  const measured = await runBench(options, workspace);
  const report: Report = { ...measured, targets: judge(measured) };
  writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${formatReport(report)}\n\nreport: ${options.json}\n`);
}

const options = readOptions(process.argv.slice(2));
const workspace = makeWorkspace();
process.once('exit', () => workspace.remove());
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => void endChildren().finally(() => process.exit(code)));
}
await main(options, workspace);
