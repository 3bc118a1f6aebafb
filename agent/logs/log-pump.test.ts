import { expect, test } from 'vitest';
import { LogCap, LogPump } from './log-pump.ts';
import { type AppendLog, LogUpload } from './log-upload.ts';
import { createMasks } from './masks.ts';

const options = { masks: createMasks(['secret']), flushMs: 60_000, flushBytes: 8 };

/** The server's side of a log: takes what fits, answers its size after a gap. */
function store(): { bytes: () => string; append: AppendLog } {
  let log = Buffer.alloc(0);
  return {
    bytes: () => log.toString(),
    append: async (offset, bytes) => {
      if (offset <= log.length) log = Buffer.concat([log.subarray(0, offset), bytes]);
      return log.length;
    },
  };
}

const write = (pump: LogPump, text: string) => pump.write(Buffer.from(text));

test('what is written arrives in order, redacted', async () => {
  const { bytes, append } = store();
  const pump = new LogPump({ ...options, append });
  for (const part of ['one ', 'sec', 'ret ', 'two']) write(pump, part);
  await pump.close(1000);
  expect(bytes()).toBe('one [redacted] two');
});

test('a log is sent as soon as there is enough of it', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const pump = new LogPump({
    ...options,
    append: async (_offset, bytes) => {
      resolve(Buffer.from(bytes).toString());
      return bytes.length;
    },
  });
  write(pump, '12345678');
  await expect(promise).resolves.toBe('12345678');
});

/** Fails the first few times. */
function shaky(failures: number, append: AppendLog): AppendLog {
  let tries = 0;
  return async (offset, part, signal) => {
    tries += 1;
    if (tries <= failures) throw new Error('away');
    return append(offset, part, signal);
  };
}

test('an append that fails while the log ends is made good by the end itself', async () => {
  const { bytes, append } = store();
  const pump = new LogPump({ ...options, append: shaky(1, append) });
  write(pump, '12345678');
  await pump.close(1000);
  expect([bytes(), pump.pending]).toEqual(['12345678', false]);
});

test('an end that failed too can be tried again', async () => {
  const { bytes, append } = store();
  const pump = new LogPump({ ...options, append: shaky(2, append) });
  write(pump, '12345678');
  await pump.close(1000);
  expect(pump.pending).toBe(true);
  await pump.close(1000);
  expect([bytes(), pump.pending]).toEqual(['12345678', false]);
});

test('an append whose answer was lost is not appended twice', async () => {
  const { bytes, append } = store();
  let lost = false;
  const pump = new LogPump({
    ...options,
    append: async (offset, part, signal) => {
      const size = await append(offset, part, signal);
      if (lost) return size;
      lost = true;
      throw new Error('the answer was lost');
    },
  });
  write(pump, '12345678');
  await pump.close(1000);
  write(pump, 'after the end');
  await pump.close(1000);
  expect(bytes()).toBe('12345678');
});

test('where the server has another size, the log goes on from there', async () => {
  const offsets: number[] = [];
  const pump = new LogPump({
    ...options,
    append: async (offset, part) => {
      offsets.push(offset);
      return offsets.length === 1 ? 5 : offset + part.length;
    },
  });
  write(pump, '12345678');
  await pump.close(1000);
  expect(offsets).toEqual([0, 5]);
});

test('a server that does not move is not asked again and again', async () => {
  let calls = 0;
  const pump = new LogPump({ ...options, append: async () => Promise.resolve(calls++ && 0) });
  write(pump, '12345678');
  await pump.close(1000);
  expect(calls).toBeLessThanOrEqual(2);
});

const sizes: [what: string, size: (calls: number) => unknown][] = [
  ['no size at all', () => undefined],
  ['a word', () => 'x'],
  ['less than nothing', () => -1],
  ['more than there is', () => 1e15],
  ['endless', () => Number.POSITIVE_INFINITY],
  ['no number', () => Number.NaN],
  ['forth and back', (calls) => 5 + (calls % 2)],
  ['back to the start', (calls) => (calls % 2 ? 8 : 0)],
];
test.each(sizes)('a server whose size is %s is not asked for ever', async (_what, size) => {
  let calls = 0;
  const append = async () => {
    calls += 1;
    return size(calls) as number;
  };
  const upload = new LogUpload(append);
  upload.add(Buffer.from('0123456789abcdef'));
  await upload.send();
  await upload.send();
  expect(calls).toBeLessThanOrEqual(110);
});

test('a log that the server closed is dropped', async () => {
  const pump = new LogPump({ ...options, append: async () => 'closed' as const });
  write(pump, '12345678');
  await pump.close(1000);
  expect(pump.pending).toBe(false);
});

test('a server that does not answer holds up the end for the given time only', async () => {
  const pump = new LogPump({ ...options, append: () => new Promise(() => undefined) });
  write(pump, '12345678');
  await pump.close(20);
  expect(pump.pending).toBe(true);
});

test('what the server has not yet of a log that ended can be taken elsewhere and sent from there', async () => {
  const { bytes, append } = store();
  const pump = new LogPump({
    ...options,
    append: async (offset, part, signal) => {
      if (offset > 0) throw new Error('away');
      return append(offset, part.subarray(0, 5), signal);
    },
  });
  write(pump, 'first part');
  await pump.close(1000);
  expect(pump.rest).toEqual({ offset: 5, bytes: Buffer.from(' part') });
  await new LogUpload(append, pump.rest).send();
  expect(bytes()).toBe('first part');
});

test('a log that is given up lets go of what it was sending', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const pump = new LogPump({
    ...options,
    append: async (_offset, _part, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        resolve();
      }),
  });
  write(pump, '12345678');
  await promise;
  pump.giveUp();
  await pump.close(60_000);
  expect(pump.pending).toBe(false);
});

test('the end of a log is waited for until its signal at the longest', async () => {
  const pump = new LogPump({ ...options, append: () => new Promise(() => undefined) });
  write(pump, '12345678');
  await pump.close(3_600_000, AbortSignal.abort());
  expect(pump.pending).toBe(true);
});

test('a log within its size passes whole', () => {
  const cap = new LogCap(1000);
  const out = Buffer.concat([
    cap.write(Buffer.alloc(700, 'a')),
    cap.write(Buffer.alloc(200, 'b')),
    cap.end(),
  ]);
  expect(out.toString()).toBe('a'.repeat(700) + 'b'.repeat(200));
});

test('of a longer log the first and the last part are kept, with one line between', () => {
  const cap = new LogCap(1000);
  const parts = Array.from({ length: 500 }, (_, index) => cap.write(Buffer.from(`line ${index}\n`)));
  const text = Buffer.concat([...parts, cap.end()]).toString();
  const left = Number(/\[qgjob: (\d+) bytes of this log were left out\]/.exec(text)?.[1]);
  const written = Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join('').length;
  expect(text.startsWith('line 0\n')).toBe(true);
  expect(text.endsWith('line 499\n')).toBe(true);
  expect(text.length).toBeLessThanOrEqual(1000);
  expect(text.replace(/\n\[qgjob: .*\]\n/, '').length + left).toBe(written);
});
