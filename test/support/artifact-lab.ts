import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import type { StartOptions } from '../../server/start.ts';
import { openUpload, type RawUpload } from './raw-upload.ts';
import { addOrg, type RawAnswer, type TestServer } from './server.ts';
import { World } from './world.ts';

/** Limits of a server under test: how full the disk of this machine is, does not matter. */
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

/** What artifacts are made, read and looked for with. */
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

  /** Paths of what is coming in. */
  incoming(): string[] {
    const folder = join(this.folder, '.incoming');
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  }

  /** Names of the files that are kept of a job. */
  kept({ job }: Running): string[] {
    const folder = join(this.folder, job.job_id);
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  /** Fails unless the job has these artifacts and nothing else, and nothing is left of any upload. */
  async expectOnly(held: Running, ids: readonly (string | undefined)[]): Promise<void> {
    expect(this.incoming()).toEqual([]);
    expect(this.kept(held).sort()).toEqual([...ids].sort());
    expect((await this.list(held)).map((one) => one.artifact_id)).toEqual(ids);
  }

  params = ({ lease, job }: Running) => ({ id: lease.lease_id, job_id: job.job_id });

  upload(held: Running, name: string, body: string, more: NamedUpload = {}): Promise<RawAnswer> {
    const { sha256, attempt = 1, headers = {} } = more;
    return this.server.ask('uploadArtifact', {
      token: this.acme.tokens.agent,
      params: { ...this.params(held), name },
      query: { attempt, ...(sha256 !== undefined && { sha256 }) },
      body,
      headers,
    });
  }

  /** An upload that the test sends piece by piece; the name goes over the wire as it is. */
  openUpload(
    held: Running,
    name: string,
    length?: number,
    token = this.acme.tokens.agent,
    sha256?: string,
  ): RawUpload {
    const job = `/v1/leases/${held.lease.lease_id}/jobs/${held.job.job_id}`;
    const path = `${job}/artifacts/${name}?attempt=1${sha256 === undefined ? '' : `&sha256=${sha256}`}`;
    return openUpload(this.server.url, path, token, length);
  }

  async list({ job }: Running): Promise<Artifact[]> {
    const params = { id: job.job_id };
    return (await this.server.as(this.acme.tokens.read).call('listArtifacts', { params })).artifacts;
  }

  /** A new artifact; answers its id. */
  async keep(name: string, body: string): Promise<string> {
    return (await this.upload(await this.acme.running(), name, body)).json.artifact_id;
  }

  download(id: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
    return this.server.ask('getArtifact', { token: this.acme.tokens.read, params: { id }, headers });
  }
}
