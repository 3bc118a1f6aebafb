import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
// @ts-expect-error The package has no types.
import S3rver from '@20minutes/s3rver';
import { onTestFinished } from 'vitest';
import { freePort } from '../../agent/test-support/free-port.ts';
import type { S3Place } from '../../server/blobs/s3/s3-place.ts';

interface Running {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
  readonly httpServer: Server;
}

// Its only key pair.
const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** An S3 server that checks signatures, in this process, with its bucket in a folder. */
export interface TestS3 {
  readonly place: S3Place;
  /** As flags of a server, and as its variables. */
  readonly flags: Record<string, string>;
  readonly env: Record<string, string>;
  /** The folder of the bucket's objects. */
  readonly folder: string;
  /** Each call: `PUT by key /qgjob/…`, or `by address`, which has a signature in its query. */
  readonly calls: string[];
  /** Closes its port and all connections, as a process that dies does. */
  stop(): Promise<void>;
  /** Opens the same port again. */
  start(): Promise<void>;
}

/** One on a free port; stopped when the test ends, unless `forFile`: then the caller stops it. */
export async function startS3(folder: string, bucket = 'qgjob', forFile = false): Promise<TestS3> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const calls: string[] = [];
  let running: Running | undefined;
  const start = async (): Promise<void> => {
    const server: Running = new S3rver({
      ...{ port, address: '127.0.0.1', directory: folder, silent: true, vhostBuckets: false },
      configureBuckets: [{ name: bucket }],
    });
    await server.run();
    server.httpServer.on('request', ({ method, url = '' }) => {
      const how = url.includes('X-Amz-Signature=') ? 'address' : 'key';
      calls.push(`${method} by ${how} ${url.replace(/\?.*/, '')}`);
    });
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
  const flags = {
    // In place of the folder that tests on a libSQL server name.
    blob_dir: '',
    ...{ s3_endpoint: endpoint, s3_region: 'us-east-1', s3_bucket: bucket },
    ...{ s3_access_key_id: keys.accessKeyId, s3_secret_access_key: keys.secretAccessKey },
  };
  return {
    flags,
    env: Object.fromEntries(
      Object.entries(flags).map(([name, text]) => [`QGJOB_${name.toUpperCase()}`, text]),
    ),
    place: { endpoint, region: 'us-east-1', bucket, prefix: '', ...keys },
    folder: join(folder, bucket),
    ...{ calls, stop, start },
  };
}
