import { mkdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
// @ts-expect-error The package has no types.
import S3rver from '@20minutes/s3rver';
import { onTestFinished } from 'vitest';
import type { S3Place } from '../../server/blobs/s3/s3-place.ts';

interface Running {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
  httpServer: { closeAllConnections(): void };
}

// Its only key pair.
const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** An S3 server that checks signatures, in this process, with its bucket in a folder. */
export interface TestS3 {
  readonly place: S3Place;
  /** As flags of a server. */
  readonly flags: Record<string, string>;
  /** The folder of the bucket's objects. */
  readonly folder: string;
  /** Closes its port and all connections, as a process that dies does. */
  stop(): Promise<void>;
  /** Opens the same port again. */
  start(): Promise<void>;
}

/** One on a free port; stopped when the test ends, unless `forFile`: then the caller stops it. */
export async function startS3(folder: string, bucket = 'qgjob', forFile = false): Promise<TestS3> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  let running: Running | undefined;
  const start = async (): Promise<void> => {
    const server: Running = new S3rver({
      ...{ port, address: '127.0.0.1', directory: folder, silent: true, vhostBuckets: false },
      configureBuckets: [{ name: bucket }],
    });
    await server.run();
    running = server;
  };
  const stop = async (): Promise<void> => {
    const closed = running?.close();
    running?.httpServer.closeAllConnections();
    running = undefined;
    await closed;
  };
  await start();
  if (!forFile) onTestFinished(stop);
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    place: { endpoint, region: 'us-east-1', bucket, prefix: '', ...keys },
    flags: {
      ...{ s3_endpoint: endpoint, s3_region: 'us-east-1', s3_bucket: bucket },
      ...{ s3_access_key_id: keys.accessKeyId, s3_secret_access_key: keys.secretAccessKey },
    },
    folder: join(folder, bucket),
    stop,
    start,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
