import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { diskName, flawOfArtifactName } from '../../protocol/artifact-names.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import type { Client } from '../client.ts';
import { withRetry } from '../retry.ts';
import { Stall } from '../stall.ts';
import { Turns } from '../turns.ts';
import type { JobArtifacts } from './list-artifacts.ts';
import { hasBytes, saveFile } from './save-file.ts';

/** What became of one artifact. */
export interface Downloaded {
  readonly artifact: Artifact;
  /** Where it lies; undefined where it could not be downloaded. */
  readonly path?: string;
  /** The file was there already, with the same bytes. */
  readonly wasThere?: boolean;
  readonly error?: string;
}

export interface DownloadOptions {
  /** Made where it is not there. */
  readonly folder: string;
  /** Called as bytes come in, and with each file that has an end. */
  readonly onProgress?: (files: number, bytes: number) => void;
  /** What does not fit, in the order given, is left out with a word. In bytes. */
  readonly most?: { readonly files: number; readonly bytes: number };
  /** How long a download that fails is tried again, in ms; by default a minute. */
  readonly forMs?: number;
  /** Ends what is under way; its reason is the word for each file that is missing. */
  readonly signal?: AbortSignal;
}

const atOnce = 4;
/** How long nothing may come, in ms. */
const stallMs = 60_000;

/**
 * Downloads artifacts to files below a folder: `TEST-ID/attempt-N/NAME`, TEST from the path of the test, ID the end of the
 * job's id. Names come from agents and the server, and nothing in them leads out of the folder. An error of one artifact
 * stops no other.
 */
export async function downloadArtifacts(
  client: Client,
  all: readonly JobArtifacts[],
  { folder, onProgress, most, signal, forMs = 60_000 }: DownloadOptions,
): Promise<Downloaded[]> {
  const root = resolve(folder);
  await mkdir(root, { recursive: true });
  const turns = new Turns(atOnce);
  const done = { files: 0, bytes: 0 };
  const tell = (files: number, bytes: number): void => {
    done.files += files;
    done.bytes += bytes;
    onProgress?.(done.files, done.bytes);
  };
  return Promise.all(
    fitting(waysOf(all), most).map(({ artifact, way, flaw }) =>
      turns.run(async () => {
        if (flaw !== undefined) return { artifact, error: flaw };
        const onBytes = (bytes: number): void => tell(0, bytes);
        const result = await download(client, artifact, { root, way, onBytes, forMs, signal });
        tell(1, result.wasThere ? artifact.size : 0);
        return result;
      }),
    ),
  );
}

interface Way {
  readonly artifact: Artifact;
  /** Below the folder. */
  readonly way: string;
  /** Why it is left out. */
  readonly flaw: string | undefined;
}

function waysOf(all: readonly JobArtifacts[]): Way[] {
  const taken = new Set<string>();
  return all.flatMap(({ job, artifacts }) => {
    const ofJob = `${plain(job.test_path).slice(-80)}-${plain(job.job_id).slice(-8)}`;
    return artifacts.map((artifact) => {
      const way = join(ofJob, `attempt-${Math.trunc(artifact.attempt)}`, diskName(artifact.name));
      // Two names may be one on a disk that knows no upper case.
      const isSafe = flawOfArtifactName(artifact.name) === undefined && !taken.has(way.toLowerCase());
      taken.add(way.toLowerCase());
      return { artifact, way, flaw: isSafe ? undefined : 'its name is not one that a file may have here' };
    });
  });
}

/** A smaller file may still fit where a larger one does not. */
function fitting(ways: readonly Way[], most: DownloadOptions['most']): readonly Way[] {
  if (most === undefined) return ways;
  const had = { files: 0, bytes: 0 };
  return ways.map((one) => {
    if (one.flaw !== undefined) return one;
    if (had.files >= most.files) return { ...one, flaw: `more than ${most.files} files` };
    if (had.bytes + one.artifact.size > most.bytes)
      return { ...one, flaw: `more than ${formatBytes(most.bytes)} together` };
    had.files += 1;
    had.bytes += one.artifact.size;
    return one;
  });
}

/** One part of a path on any system. */
const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]+/g, '_');

interface Target {
  readonly root: string;
  readonly way: string;
  readonly onBytes: (bytes: number) => void;
  readonly forMs: number;
  readonly signal: AbortSignal | undefined;
}

async function download(client: Client, artifact: Artifact, target: Target): Promise<Downloaded> {
  const { root, way, forMs, signal } = target;
  const { size, sha256 } = artifact;
  const path = join(root, way);
  try {
    signal?.throwIfAborted();
    if (await hasBytes(path, size, sha256)) return { artifact, path, wasThere: true };
    const save = () => saveFile(root, way, (file) => receive(client, artifact, file, target));
    await withRetry(save, true, { forMs }, signal);
    return { artifact, path };
  } catch (error) {
    return { artifact, error: (error as Error).message };
  }
}

/** Streams the bytes into a file. Errors: those of the server; `invalid` for other bytes than were announced. */
async function receive(
  client: Client,
  { artifact_id: id, size, sha256 }: Artifact,
  file: FileHandle,
  { onBytes, signal }: Target,
): Promise<void> {
  const stall = new Stall(stallMs, client.url);
  const hash = createHash('sha256');
  let got = 0;
  try {
    const either = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal;
    const input = { params: { id }, sha256, signal: either };
    for await (const chunk of await client.open('getArtifact', input)) {
      stall.restart();
      got += chunk.length;
      if (got > size) break;
      hash.update(chunk);
      await file.writeFile(chunk);
      onBytes(chunk.length);
    }
    if (got === size && hash.digest('hex') === sha256) return;
    throw new QgjobError('invalid', `other bytes came than those of its hash, ${got} of ${size}`);
  } catch (error) {
    // They will be sent once more.
    onBytes(-Math.min(got, size));
    throw error;
  } finally {
    stall.clear();
  }
}
