import { beforeEach, expect, test } from 'vitest';
import { type Asking, RoomOfJobs } from './room-of-jobs.ts';

const limits = { fileBytes: 8, jobBytes: 10, jobFiles: 3 };
const hour = 3_600_000;

let now: number;
let room: RoomOfJobs;

beforeEach(() => {
  now = 0;
  room = new RoomOfJobs(limits, () => now);
});

const upload = (file: string, size?: number): Asking => ({ job: 'j', id: `${file} sha`, file, size });

/** Plans an upload; answers its artifact id. */
const plan = (file: string, size: number, artifactId = `art ${file}`): Promise<string> =>
  room.plan(upload(file, size), async ({ keepFor }) => keepFor(artifactId));

/** What the job has left for another upload. */
const left = () => room.during(upload('another', 0), async (taken) => taken.limits.jobBytes);

const failed = async () => {
  throw new Error('cut');
};

test('a plan has its room for six hours, and for as long again where it is asked for again', async () => {
  await plan('a', 6);
  now += 5 * hour;
  await plan('a', 6);
  now += 5 * hour;
  expect(await left()).toBe(4);
  now += hour;
  expect(await left()).toBe(10);
  await plan('a', 6);
  expect(await left()).toBe(4);
});

test('it is of the same artifact no longer than the id of that one is good for', async () => {
  expect(await plan('a', 6, 'first')).toBe('first');
  now += 5 * hour;
  expect(await plan('a', 6, 'second')).toBe('first');
  now += 2 * hour;
  expect(await plan('a', 6, 'third')).toBe('third');
  expect(await left()).toBe(4);
});

test('of two that ask for it at once the one that is refused takes nothing from the other', async () => {
  const granted = room.plan(upload('a', 6), async ({ keepFor }) => {
    await expect(room.plan(upload('a', 6), failed)).rejects.toThrow('cut');
    return keepFor('art');
  });
  await granted;
  expect(await left()).toBe(4);
});

test('an upload through the server that fails as often as it is tried takes room once', async () => {
  async function* bytes() {
    yield new Uint8Array(6);
  }
  await plan('a', 6);
  for (let n = 0; n < 3; n += 1) {
    const cut = room.during(upload('a'), async ({ count }) => {
      for await (const _ of count(bytes()));
      return failed();
    });
    await expect(cut).rejects.toThrow('cut');
    expect(await left()).toBe(4);
  }
});

test('while one brings the bytes of a plan its completion leaves it the room of these bytes', async () => {
  await plan('a', 6);
  await room.during(upload('a', 6), async () => {
    room.leave(upload('a', 6));
    expect(await left()).toBe(4);
  });
  expect(await left()).toBe(10);
});

test('an upload knows the others and not itself', async () => {
  await plan('a', 6);
  const others = await room.plan(upload('a', 6), async (taken) => taken.others);
  expect(others).toEqual([]);
  expect(await room.during(upload('b', 1), async (taken) => taken.others)).toEqual([{ file: 'a', bytes: 6 }]);
});
