import { constants, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { isBlob } from '../../protocol/artifact-names.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Downloaded } from '../artifacts/download-artifacts.ts';
import type { Blob, BlobLine } from './blob-shape.ts';
import { mergeAttempts } from './merge-attempts.ts';
import { readBlob } from './read-blob.ts';
import { zipFile } from './zip-file.ts';

/** Agents leave out what comes after so many bytes. */
const longBytes = 48 * 2 ** 20;

interface BlobPlace {
  /** Absolute, empty: where the reports go that Playwright merges. */
  readonly folder: string;
  /** Absolute: the suite, which the paths of tests are relative to. */
  readonly root: string;
}

export interface Written {
  /** Of reports. */
  readonly count: number;
  /** What is not in them beside that, in words. */
  readonly lacking: readonly string[];
  /** Those that left nothing of their own file that can be read. */
  readonly missing: readonly Job[];
}

/**
 * Makes blob reports that Playwright merges of what agents left of these jobs, one for each job with all of its attempts.
 * Attachments are there where they were downloaded too. What cannot be read is left out.
 */
export async function writeBlobs(
  downloaded: readonly Downloaded[],
  jobs: readonly Job[],
  { folder, root }: BlobPlace,
): Promise<Written> {
  await mkdir(join(folder, 'resources'), { recursive: true });
  const writer = new Writer(folder, root, new Set(jobs.map(({ target }) => target)).size > 1);
  const byJob = Map.groupBy(downloaded, ({ artifact }) => artifact.job_id);
  for (const job of jobs)
    await writer
      .write(job, byJob.get(job.job_id) ?? [])
      .catch((error: Error) => writer.lacking.push(`${job.test_path}: ${error.message}`));
  // What was left half of a report that could not be written.
  await rm(writer.next, { force: true });
  return writer;
}

class Writer {
  count = 0;
  readonly lacking: string[] = [];
  readonly missing: Job[] = [];
  readonly #folder: string;
  readonly #root: string;
  readonly #areNamed: boolean;
  /** Names of copies, by the paths of what they are copies of. */
  readonly #resources = new Map<string, string>();

  constructor(folder: string, root: string, areNamed: boolean) {
    this.#folder = folder;
    this.#root = root;
    this.#areNamed = areNamed;
  }

  /** Where the next report goes. */
  get next(): string {
    return join(this.#folder, `${String(this.count + 1).padStart(6, '0')}.zip`);
  }

  async write(job: Job, downloaded: readonly Downloaded[]): Promise<void> {
    const own: Blob[] = [];
    const foreign: Blob[] = [];
    const inOrder = downloaded
      .filter(({ artifact }) => isBlob(artifact))
      .sort((a, b) => a.artifact.attempt - b.artifact.attempt);
    for (const { artifact, path } of inOrder) {
      if (path === undefined) continue;
      // A test decides what stands there.
      const blob = await readBlob(path).catch(() => undefined);
      if (blob === undefined)
        this.lacking.push(`${artifact.name} of ${job.test_path}: it is damaged, or of another version`);
      else
        (blob.file === job.test_path ? own : foreign).push(await this.#withFiles(blob, artifact, downloaded));
      if (blob && artifact.size > longBytes)
        this.lacking.push(`the end of ${artifact.name} of ${job.test_path}: its attempt told too much`);
    }
    if (own.length === 0) this.missing.push(job);
    // Files that were not asked for, such as the set-up of a project, ran for this job.
    for (const blobs of [own, ...foreign.map((blob) => [blob])])
      if (blobs.length > 0) await this.#merge(blobs, job);
  }

  async #merge(blobs: readonly Blob[], { target, status }: Job): Promise<void> {
    const name = this.#areNamed ? target : undefined;
    const lines = mergeAttempts(blobs, { root: this.#root, name, isFine: status === 'passed' });
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await writeFile(this.next, zipFile('report.jsonl', Buffer.from(text)));
    this.count += 1;
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

  /** Beside the reports, where Playwright looks for it: a copy, since Playwright writes into that folder. */
  async #keep(path: string | undefined): Promise<string | undefined> {
    if (path === undefined) return undefined;
    const known = this.#resources.get(path);
    if (known !== undefined) return known;
    const name = `resources/${this.#resources.size + 1}${extname(path)}`;
    this.#resources.set(path, name);
    await copyFile(path, join(this.#folder, name), constants.COPYFILE_FICLONE);
    return name;
  }
}
