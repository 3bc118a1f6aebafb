import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { expect, vi } from 'vitest';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import type { StartOptions } from '../../server/start.ts';
import { addOrg, type RawAnswer, type TestServer } from './server.ts';
import { World } from './world.ts';

/** Limits for tests: the free space of this machine's disk does not matter. */
export const testLimits: StartOptions['artifactLimits'] = { keepFreeBytes: 0 };

/** SHA-256, hex. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

export const until = (met: () => void) => vi.waitFor(met, { timeout: 30_000, interval: 5 });

/** A job that runs, with its lease. */
export type Running = Awaited<ReturnType<World['running']>>;

export interface NamedUpload {
  readonly sha256?: string;
  readonly attempt?: number;
  readonly headers?: Record<string, string>;
}

/** Uploads, lists and downloads artifacts of an org, and looks at their files. */
export class ArtifactLab {
  readonly server: TestServer;
  readonly acme: World;

  private constructor(server: TestServer, acme: World) {
    this.server = server;
    this.acme = acme;
  }

  static async open(server: TestServer): Promise<ArtifactLab> {
    return new ArtifactLab(server, new World(server, await addOrg(server, 'acme')));
  }

  get folder(): string {
    return join(this.server.dataDir, 'blobs/artifacts');
  }

  /** Paths of unfinished uploads. */
  incoming(): string[] {
    const folder = join(this.folder, '.incoming');
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  }

  /** Names of the stored files of a job. */
  kept({ job }: Running): string[] {
    const folder = join(this.folder, job.job_id);
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  /** Fails unless the job has exactly these artifacts and no unfinished upload is left. */
  async expectOnly(held: Running, ids: readonly (string | undefined)[]): Promise<void> {
    expect(this.incoming()).toEqual([]);
    expect(this.kept(held).sort()).toEqual([...ids].sort());
    expect((await this.list(held)).map((one) => one.artifact_id)).toEqual(ids);
  }

  params = ({ lease, job }: Running) => ({ id: lease.lease_id, job_id: job.job_id });

  upload(held: Running, name: string, body: string, more: NamedUpload = {}): Promise<RawAnswer> {
    const { sha256, attempt = 1, headers = {} } = more;
    return this.server.ask('uploadArtifact', {
      token: held.lease.token,
      params: { ...this.params(held), name },
      query: { attempt, ...(sha256 !== undefined && { sha256 }) },
      body,
      headers,
    });
  }

  /** An upload that the test sends piece by piece; the name is sent unchanged. */
  openUpload(
    held: Running,
    name: string,
    length?: number,
    token = held.lease.token,
    sha256?: string,
  ): RawUpload {
    const job = `/v1/leases/${held.lease.lease_id}/jobs/${held.job.job_id}`;
    const path = `${job}/artifacts/${name}?attempt=1${sha256 === undefined ? '' : `&sha256=${sha256}`}`;
    return openPut(this.server.url, path, token, length);
  }

  async list({ job }: Running): Promise<Artifact[]> {
    const params = { id: job.job_id };
    return (await this.server.as(this.acme.tokens.read).call('listArtifacts', { params })).artifacts;
  }

  /** Uploads a new artifact and returns its id. */
  async keep(name: string, body: string): Promise<string> {
    return (await this.upload(await this.acme.running(), name, body)).json.artifact_id;
  }

  download(id: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
    return this.server.ask('getArtifact', { token: this.acme.tokens.read, params: { id }, headers });
  }
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** An upload whose pieces the test itself sends. */
interface RawUpload {
  write(bytes: string | Uint8Array): void;
  /** The answer, which may come before all bytes were sent. */
  answer(): Promise<Answer>;
  /** Closes the connection in the middle. */
  cut(): void;
  /** Sends the last piece and returns the answer. */
  end(bytes?: string | Uint8Array): Promise<Answer>;
}

/** Opens a PUT to this unchanged path; chunked if no length is given. */
function openPut(url: string, path: string, token: string, length?: number): RawUpload {
  const { hostname, port } = new URL(url);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(length === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': length }),
  };
  const call: ClientRequest = request({ hostname, port, path, method: 'PUT', headers, agent: false });
  const answer = new Promise<Answer>((resolve, reject) => {
    call.on('error', reject);
    call.on('response', async (response: IncomingMessage) => {
      resolve({ status: response.statusCode ?? 0, body: await json(response) });
    });
  });
  // A test that cuts the call does not read the answer.
  answer.catch(() => undefined);
  call.flushHeaders();
  return {
    write: (bytes) => void call.write(bytes),
    answer: () => answer,
    cut: () => void call.destroy(),
    end(bytes) {
      call.end(bytes);
      return answer;
    },
  };
}
