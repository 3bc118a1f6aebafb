import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type BlobKind, blobKinds, openBlobLab } from '../../test/support/blob-kinds.ts';
import { openTestQueue } from '../../test/support/queue.ts';
import { cancelRun } from '../queue/runs/cancel-runs.ts';
import { claimBlobs, markBlob, releaseBlobs, renewClaims } from '../queue/store/blob-marks.ts';
import { addBundle, findBundle } from '../queue/submit/bundles.ts';
import { deleteNames } from './delete-content.ts';
import { Pruner } from './pruner.ts';

const hour = 3_600_000;
const day = 24 * hour;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** A queue, and servers' pruners on one store. */
async function openLab(kind: BlobKind, maxBlobBytes?: number) {
  const queue = await openTestQueue();
  const lab = await openBlobLab(kind);
  const { bundles, artifacts, logs } = lab.blobs;
  let monotonic = 0;
  const options = { keepMs: 30 * day, maxBlobBytes, monotonic: () => monotonic };
  return {
    ...{ ...lab, queue, bundles, artifacts, logs },
    pruner: async () => new Pruner(queue.deps, await lab.again(), options),
    later: (ms: number) => {
      monotonic += ms;
      queue.advance(ms);
    },
    /** As the server does it. */
    async upload(text: string) {
      const key = { orgId: 'acme', sha256: digest(text) };
      await markBlob(queue.deps, bundles.nameOf(key));
      await bundles.keep(key, chunks(text), undefined);
      await addBundle(queue.deps, key, text.length);
      return key;
    },
    async artifact(jobId: string, artifactId: string) {
      const whatever = { maxBytes: 1000, size: undefined, sha256: undefined };
      await (await artifacts.receive(chunks('12345'), whatever)).keep({ jobId, artifactId });
    },
  };
}

describe.each(blobKinds)('what a store of the kind %s keeps', (kind) => {
  test('goes with its row; what is uploaded again in between stays, also for another server', async () => {
    const lab = await openLab(kind);
    const [one, two] = [await lab.upload('one'), await lab.upload('two')];
    lab.later(31 * day);
    const pruner = await lab.pruner();
    await markBlob(lab.queue.deps, lab.bundles.nameOf(two));
    await pruner.pass();
    expect([await findBundle(lab.queue.deps, one), await findBundle(lab.queue.deps, two)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(await lab.files('bundles')).toEqual([lab.bundles.nameOf(two)]);
    // The upload goes on and finds its bytes.
    await addBundle(lab.queue.deps, two, 3);
    lab.age();
    lab.later(day + hour);
    await pruner.pass();
    expect(await lab.files('bundles')).toEqual([lab.bundles.nameOf(two)]);
  });

  test('and no row knows is swept a day after it was written: bundles, artifacts, files of jobs', async () => {
    const lab = await openLab(kind);
    const { jobs } = await lab.queue.submit({ tests: ['a.spec.ts'], queue_timeout_ms: 30 * day });
    const jobId = jobs[0]?.job_id ?? '';
    const known = await lab.upload('known');
    await lab.bundles.keep({ orgId: 'acme', sha256: digest('lost') }, chunks('lost'), undefined);
    await lab.artifact(jobId, 'art_lost');
    await lab.logs.append(jobId, 1, 0, Buffer.from('kept'));
    await lab.artifact('job_unknown', 'art_1');
    await lab.logs.append('job_unknown', 1, 0, Buffer.from('lost'));
    const pruner = await lab.pruner();
    const all = async () => (await lab.files('')).filter((name) => /^(bundles|artifacts|logs)\//.test(name));
    lab.later(hour);
    await pruner.pass();
    // The clock of the queue is far behind that of the files: none is old yet.
    expect(await all()).toHaveLength(6);
    lab.age();
    lab.later(day);
    await pruner.pass();
    expect(await lab.files('artifacts')).toEqual([]);
    expect(await lab.files('bundles')).toEqual([lab.bundles.nameOf(known)]);
    expect(await lab.logs.jobs.list(Number.MAX_SAFE_INTEGER)).toEqual([jobId]);
  });
});

test('one server sweeps, the other one once that is gone', async () => {
  const lab = await openLab('folder');
  const [first, second] = [await lab.pruner(), await lab.pruner()];
  const lose = async (text: string): Promise<void> => {
    await lab.bundles.keep({ orgId: 'acme', sha256: digest(text) }, chunks(text), undefined);
    lab.age();
  };
  lab.later(hour);
  await first.pass();
  await lose('one');
  lab.later(hour);
  await second.pass();
  expect(await lab.files('bundles')).toHaveLength(1);
  // The first one is stopped.
  lab.later(day);
  await second.pass();
  expect(await lab.files('bundles')).toEqual([]);
});

test('two servers make room once', async () => {
  const lab = await openLab('s3', 450);
  const [first, second] = [await lab.pruner(), await lab.pruner()];
  for (let n = 0; n < 4; n += 1) {
    const { run, jobs } = await lab.queue.submit({ tests: [`${n}.spec.ts`] });
    await cancelRun(lab.queue.deps, run.run_id, { orgId: undefined });
    await lab.logs.append(jobs[0]?.job_id ?? '', 1, 0, Buffer.alloc(200));
    lab.later(2 * hour);
  }
  await Promise.all([first.pass(), second.pass()]);
  await second.pass();
  expect(await lab.logs.jobs.size()).toBe(400);
});

describe('a mark', () => {
  test('keeps a deletion away for a day, and a deletion keeps uploads away until it is done', async () => {
    const { deps, advance } = await openTestQueue();
    await markBlob(deps, 'a');
    expect(await claimBlobs(deps, ['a', 'b'], 'one')).toEqual(['b']);
    await expect(markBlob(deps, 'b')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await claimBlobs(deps, ['a', 'b'], 'one')).toEqual([]);
    await releaseBlobs(deps, ['a', 'b'], 'one');
    await markBlob(deps, 'b');
    advance(day + 1);
    expect((await claimBlobs(deps, ['a', 'b'], 'one')).sort()).toEqual(['a', 'b']);
    // Its server has died.
    advance(6 * 60_000);
    await markBlob(deps, 'a');
    expect(await claimBlobs(deps, ['a', 'b'], 'one')).toEqual(['b']);
    await releaseBlobs(deps, ['a'], 'one');
    expect(await claimBlobs(deps, ['a'], 'one')).toEqual([]);
  });

  test('of a deletion that took too long is not taken from the deletion of another server', async () => {
    const { deps, advance } = await openTestQueue();
    await claimBlobs(deps, ['a', 'b'], 'slow');
    advance(4 * 60_000);
    expect(await renewClaims(deps, ['a'], 'slow')).toEqual(['a']);
    advance(2 * 60_000);
    expect(await claimBlobs(deps, ['a', 'b'], 'other')).toEqual(['b']);
    expect(await renewClaims(deps, ['a', 'b'], 'slow')).toEqual(['a']);
    await releaseBlobs(deps, ['a', 'b'], 'slow');
    await expect(markBlob(deps, 'b')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await renewClaims(deps, ['b'], 'other')).toEqual(['b']);
  });
});

test('what was uploaded while a deletion stood still stays', async () => {
  const { queue, bundles, files, upload } = await openLab('folder');
  const key = { orgId: 'acme', sha256: digest('one') };
  await bundles.keep(key, chunks('one'), undefined);
  await deleteNames(queue.deps, bundles, [bundles.nameOf(key)], async (names) => {
    queue.advance(6 * 60_000);
    await upload('one');
    return names;
  });
  expect(await files('bundles')).toEqual([bundles.nameOf(key)]);
});
