import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startMain } from '../support/action-harness.ts';
import { readHtmlReport } from '../support/html-report.ts';
import { openMergeLab, shown } from '../support/merge-lab.ts';

/** Ends when this job has its evidence, a file of that name. */
async function untilKept(
  { client }: Awaited<ReturnType<typeof openMergeLab>>,
  test: string,
  name: RegExp,
): Promise<void> {
  const { jobs } = await client.call('listJobs', { query: {} });
  const id = jobs.find(({ test_path: path }) => path === test)?.job_id ?? '';
  for (;;) {
    const { artifacts } = await client.call('listArtifacts', { params: { id }, query: {} });
    if (artifacts.some((one) => name.test(one.name))) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('the page has what a killed agent had finished, and what ran in its place', async () => {
  const lab = await openMergeLab();
  lab.install();
  const agent = await lab.startAgent();
  const phase = startMain(lab.step());
  while (!existsSync(join(lab.marks, 'stays'))) await new Promise((resolve) => setTimeout(resolve, 20));
  await untilKept(lab, 'tests/b.spec.ts', /^qgjob-blob/);
  await agent.stop('SIGKILL');
  await lab.startAgent();
  const result = await phase.done;
  expect(result).toMatchObject({ code: 1, outputs: { passed: '2', failed: '1' } });
  const page = join(result.outputs['report-path'] ?? '', 'playwright/index.html');
  expect((await readHtmlReport(page)).lines).toEqual([
    ...shown,
    'tests/c.spec.ts › stays once: expected, 1 run',
  ]);
});
