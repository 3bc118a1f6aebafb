import { expect, test } from 'vitest';
import { LogUpload } from './log-upload.ts';

/** A server's log, and something before it that refuses some pieces. */
function openLog(refuses: (piece: string) => boolean) {
  let log = Buffer.alloc(0);
  let calls = 0;
  const upload = new LogUpload(async (offset, bytes) => {
    calls += 1;
    if (refuses(Buffer.from(bytes).toString())) return 'refused';
    if (offset > log.length) return log.length;
    log = Buffer.concat([log.subarray(0, offset), bytes]);
    return log.length;
  });
  return { upload, text: () => log.toString(), calls: () => calls };
}

const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, n) => `line ${from + n}\n`).join('');

test('a piece that is refused is left out, with a line in its place, and the rest goes through', async () => {
  const { upload, text } = openLog((piece) => piece.includes('<script'));
  upload.add(Buffer.from(`${lines(0, 40_000)}<script>\n${lines(40_000, 40_000)}`));
  await upload.send();
  expect(upload.pending).toBe(false);
  const [, before = '', lost = '', after = ''] =
    /^(.*)\n\[qgjob\] (\d+) bytes of this log were refused on the way to the server\n(.*)$/s.exec(text()) ??
    [];
  expect(Number(lost)).toBeLessThanOrEqual(2048);
  expect(before.length + Number(lost) + after.length).toBe(lines(0, 80_000).length + 9);
  expect(after.endsWith('line 79999\n')).toBe(true);
});

test('a log full of what is refused ends all the same, and soon', async () => {
  const { upload, text, calls } = openLog((piece) => piece.includes('<script'));
  upload.add(Buffer.from('<script>\n'.repeat(30_000)));
  await upload.send();
  expect(upload.pending).toBe(false);
  expect(text()).not.toContain('<script');
  expect(calls()).toBeLessThan(1000);
});

test('a limit of a proxy costs nothing', async () => {
  const { upload, text } = openLog((piece) => piece.length > 10_000);
  upload.add(Buffer.from(lines(0, 30_000)));
  await upload.send();
  expect(text()).toBe(lines(0, 30_000));
});

test('where nothing gets through nothing is left out: it waits for the next time', async () => {
  let isAway = true;
  const { upload, text } = openLog(() => isAway);
  upload.add(Buffer.from(lines(0, 30_000)));
  await upload.send();
  expect(upload.pending).toBe(true);
  isAway = false;
  await upload.send();
  expect(text()).toBe(lines(0, 30_000));
});
