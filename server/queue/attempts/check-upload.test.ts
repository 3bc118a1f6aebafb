import { expect, test } from 'vitest';
import { passed, running } from '../../../test/support/lifecycle/job-setups.ts';
import { everyone, openTestQueue } from '../../../test/support/queue.ts';
import { checkUpload } from './check-upload.ts';

test('files of an attempt are taken while it runs, and for ten minutes after', async () => {
  const queue = await openTestQueue();
  const { ref, finish } = await running(queue);
  const upload = () => checkUpload(queue.deps, { leaseId: ref.leaseId }, ref);
  queue.advance(3_600_000);
  expect(await upload()).toBe('acme');
  await finish(passed);
  queue.advance(600_000);
  expect(await upload()).toBe('acme');
  queue.advance(1);
  await expect(upload()).rejects.toMatchObject({ code: 'lease_lost' });
});

test('they come from the lease that ran it, which has started it', async () => {
  const queue = await openTestQueue();
  const { ref, finish, agent } = await running(queue);
  const upload = (more: object) => checkUpload(queue.deps, everyone, { ...ref, ...more });
  await expect(upload({ attempt: 2 })).rejects.toMatchObject({
    code: 'not_found',
    message: `no attempt 2 of job ${ref.jobId}; start it first`,
  });
  const foreign = checkUpload(queue.deps, { leaseId: 'another' }, ref);
  await expect(foreign).rejects.toMatchObject({ code: 'not_found', message: `no lease ${ref.leaseId}` });
  await finish(passed);
  await queue.submit({ tests: ['z'] });
  const second = await agent.mustTake();
  await expect(upload({ leaseId: second.lease_id })).rejects.toMatchObject({ code: 'lease_lost' });
});

test('they belong to no job of another org', async () => {
  const queue = await openTestQueue();
  const { ref } = await running(queue);
  const { jobs } = await queue.submit({ org_id: 'other' });
  const upload = checkUpload(queue.deps, everyone, { ...ref, jobId: jobs[0]?.job_id ?? '' });
  await expect(upload).rejects.toMatchObject({ code: 'not_found', message: `no job ${jobs[0]?.job_id}` });
});
