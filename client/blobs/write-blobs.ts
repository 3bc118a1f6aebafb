import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Downloaded } from '../artifacts/download-artifacts.ts';
import { type Blob, type BlobLine, isBlob } from './blob-shape.ts';
import { mergeAttempts } from './merge-attempts.ts';
import { readBlob } from './read-blob.ts';
import { zipFile } from './zip-file.ts';

interface BlobPlace {
  /** Absolute, empty: where the reports go that Playwright merges. */
  readonly folder: string;
  /** Absolute: the suite, which the paths of tests are relative to. */
  readonly root: string;
}

/**
 * Makes blob reports that Playwright merges of what agents left of these jobs, one for each job with all of its attempts,
 * and of what suites left themselves. Attachments are there where they were downloaded too. Answers how many there are,
 * and the names of those that cannot be read.
 */
export async function writeBlobs(
  downloaded: readonly Downloaded[],
  jobs: readonly Job[],
  { folder, root }: BlobPlace,
): Promise<{ readonly count: number; readonly damaged: readonly string[] }> {
  await mkdir(join(folder, 'resources'), { recursive: true });
  const writer = new Writer(folder, root, new Set(jobs.map(({ target }) => target)).size > 1);
  const byJob = Map.groupBy(downloaded, ({ artifact }) => artifact.job_id);
  // A test decides what stands in its blob.
  for (const job of jobs)
    await writer.write(job, byJob.get(job.job_id) ?? []).catch(() => writer.damaged.push(job.test_path));
  return writer;
}

class Writer {
  count = 0;
  readonly damaged: string[] = [];
  readonly #folder: string;
  readonly #root: string;
  readonly #areNamed: boolean;
  #resources = 0;

  constructor(folder: string, root: string, areNamed: boolean) {
    this.#folder = folder;
    this.#root = root;
    this.#areNamed = areNamed;
  }

  async write(job: Job, downloaded: readonly Downloaded[]): Promise<void> {
    const own: Blob[] = [];
    const foreign: Blob[] = [];
    const inOrder = downloaded
      .filter(({ artifact, path }) => isBlob(artifact) && path !== undefined)
      .sort((a, b) => a.artifact.attempt - b.artifact.attempt);
    for (const { artifact, path = '' } of inOrder) {
      if (artifact.name.endsWith('.zip')) await copyFile(path, this.#next());
      else {
        const blob = await readBlob(path);
        if (blob === undefined) this.damaged.push(artifact.name);
        else
          (blob.file === job.test_path ? own : foreign).push(
            await this.#withFiles(blob, artifact, downloaded),
          );
      }
    }
    // Files that were not asked for, such as the set-up of a project, ran for this job.
    for (const blobs of [own, ...foreign.map((blob) => [blob])])
      if (blobs.length > 0) await this.#merge(blobs, job);
  }

  async #merge(blobs: readonly Blob[], { target, status }: Job): Promise<void> {
    const name = this.#areNamed ? target : undefined;
    const lines = mergeAttempts(blobs, { root: this.#root, name, isFine: status === 'passed' });
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await writeFile(this.#next(), zipFile('report.jsonl', Buffer.from(text)));
  }

  #next(): string {
    this.count += 1;
    return join(this.#folder, `${String(this.count).padStart(6, '0')}.zip`);
  }

  /** The blob with the paths of its attachments here; only what is downloaded has one. */
  async #withFiles(
    blob: Blob,
    { attempt }: Downloaded['artifact'],
    downloaded: readonly Downloaded[],
  ): Promise<Blob> {
    const paths = new Map(
      downloaded.flatMap(({ artifact, path }) =>
        artifact.attempt === attempt && path !== undefined ? [[artifact.name, path] as const] : [],
      ),
    );
    const lines: BlobLine[] = [];
    for (const line of blob.lines) {
      const attachments = [];
      for (const one of line.params.result?.attachments ?? [])
        attachments.push({ ...one, path: await this.#keep(paths.get(one.path ?? '')) });
      const result = line.params.result && {
        ...line.params.result,
        ...(attachments.length > 0 && { attachments }),
      };
      lines.push({ ...line, params: { ...line.params, ...(result && { result }) } });
    }
    return { ...blob, lines };
  }

  /** Beside the reports, where Playwright looks for it. */
  async #keep(path: string | undefined): Promise<string | undefined> {
    if (path === undefined) return undefined;
    this.#resources += 1;
    const name = `resources/${this.#resources}${extname(path)}`;
    const to = join(this.#folder, name);
    await link(path, to).catch(() => copyFile(path, to));
    return name;
  }
}
