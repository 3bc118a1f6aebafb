import { expect, onTestFinished, test } from 'vitest';
import { cancelTest, openCancelLab, startTest, tests } from './cancel-lab.ts';
import { findChildren } from './children.ts';

test('a cancelled test leaves nothing alive and its device idle, whether it obeys signals or ignores them', {
  timeout: 120_000,
}, async () => {
  const lab = await openCancelLab(2);
  onTestFinished(() => lab.close());
  const jobs = await Promise.all(Object.values(tests).map((path) => startTest(lab, path)));
  expect(findChildren(lab.workspace).length).toBeGreaterThanOrEqual(3);
  await Promise.all(jobs.map((job) => cancelTest(lab, job)));
  expect(findChildren(lab.workspace)).toEqual([]);
  for (const { job_id: id } of jobs) {
    const job = await lab.client.call('getJob', { params: { id } });
    expect(job).toMatchObject({ status: 'cancelled', attempt: 1 });
  }
});
