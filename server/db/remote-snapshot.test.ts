import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeRemoteSnapshot } from './remote-snapshot.ts';

const begin = 'BEGIN TRANSACTION;\nCREATE TABLE t (a);\n';

/** Answers the beginning of a dump, and nothing more. */
async function startStill() {
  const server = createServer((_, answer) => void answer.writeHead(200).write(begin));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-dump-'));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return {
    place: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    file: join(folder, 'a.db'),
  };
}

test('a dump that stands still is given up', async () => {
  const { place, file } = await startStill();
  await expect(
    takeRemoteSnapshot(place, file, { stalledMs: 200, checkRoom: () => undefined }),
  ).rejects.toThrow(/has sent nothing of its answer to GET \/dump for 200 ms/);
});

test('a dump that would fill the disk is given up while it comes', async () => {
  const { place, file } = await startStill();
  const checkRoom = (): void => {
    throw new Error('nearly full');
  };
  await expect(takeRemoteSnapshot(place, file, { stalledMs: 60_000, checkRoom })).rejects.toThrow(
    'nearly full',
  );
});
