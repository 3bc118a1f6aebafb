import { expect, test } from 'vitest';
import { running } from '../../../test/support/lifecycle/job-setups.ts';
import { everyone, openTestQueue } from '../../../test/support/queue.ts';
import { addArtifact, fileOf, type HeldFile, type NamedUpload, planUpload } from './add-artifact.ts';

const quota = { fileBytes: 8, jobBytes: 10, jobFiles: 2 };
const sha256 = 'a'.repeat(64);

/** A job that has one artifact, and what is asked about another. */
async function openLab() {
  const queue = await openTestQueue();
  const { ref } = await running(queue);
  const upload = (name: string, size: number): NamedUpload => ({ ref, name, sha256, size });
  await addArtifact(queue.deps, ref, { id: 'art_1', name: 'a b', size: 6, sha256 }, quota);
  const held = (name: string, bytes: number): HeldFile => ({ file: fileOf(upload(name, bytes)), bytes });
  /** As a server asks whose uploads under way are these. */
  const plan = (size: number, others: HeldFile[]) => {
    const bytes = others.reduce((sum, one) => sum + one.bytes, 0);
    const left = { ...quota, jobBytes: quota.jobBytes - bytes, jobFiles: quota.jobFiles - others.length };
    return planUpload(queue.deps, everyone, upload('new', size), left, others);
  };
  return { held, plan };
}

test('an upload under way whose row is written already counts once', async () => {
  const { held, plan } = await openLab();
  expect(await plan(4, [held('a b', 6)])).toMatchObject({ known: undefined, maxBytes: 4 });
  await expect(plan(5, [held('a b', 6)])).rejects.toMatchObject({ code: 'too_large' });
});

test('it counts by the larger one of what it holds and what has come', async () => {
  const { held, plan } = await openLab();
  await expect(plan(5, [held('a b', 1)])).rejects.toMatchObject({ code: 'too_large' });
  expect(await plan(4, [held('a b', 1)])).toMatchObject({ maxBytes: 4 });
  await expect(plan(3, [held('a b', 8)])).rejects.toMatchObject({ code: 'too_large' });
});

test('one of another file counts beside it', async () => {
  const { held, plan } = await openLab();
  await expect(plan(1, [held('a', 1)])).rejects.toMatchObject({ code: 'too_large' });
  await expect(plan(5, [])).rejects.toMatchObject({ code: 'too_large' });
  expect(await plan(4, [])).toMatchObject({ maxBytes: 4 });
});
