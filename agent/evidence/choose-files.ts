import { lstat } from 'node:fs/promises';
import { limits } from '../../protocol/limits.ts';
import { artifactNames } from './artifact-names.ts';
import type { FoundFile, FoundFiles, LeftOut } from './find-files.ts';

/** A file to upload. */
export interface FileToSend extends FoundFile {
  /** Absolute: the folder that it must lie in. */
  readonly folder: string;
  /** The artifact's name. */
  readonly artifact: string;
  /** In bytes, as it was found. */
  readonly size: number;
}

/** Bytes of one file; bytes and number of all files of an attempt; bytes of all attempts that wait. */
export interface FileLimits {
  readonly fileBytes: number;
  readonly bytes: number;
  readonly files: number;
}

/** The server's limits for a job: an attempt cannot have more. */
export const attemptLimits: FileLimits = {
  fileBytes: limits.artifactBytes,
  bytes: limits.artifactBytesPerJob,
  files: limits.artifactsPerJob,
};

/**
 * Which of the files of an attempt are uploaded, and under which names. Where they are too many or too large, those that
 * come first by name are taken; a smaller one may still fit where a larger one does not.
 */
export async function chooseFiles(
  found: FoundFiles,
  most: FileLimits,
): Promise<{ readonly files: readonly FileToSend[]; readonly leftOut: readonly LeftOut[] }> {
  const ordered = [...found.files].sort((a, b) => Number(isOfReport(a)) - Number(isOfReport(b)));
  const names = artifactNames(ordered.map(({ name }) => name));
  const files: FileToSend[] = [];
  const leftOut = [...found.leftOut];
  let bytes = 0;
  for (const [index, file] of ordered.entries()) {
    const size = await sizeOf(file.path);
    const why = whyNot(size, { files: files.length, bytes }, most);
    if (why !== undefined || size === undefined) {
      leftOut.push({ name: file.name, why: why ?? 'gone' });
      continue;
    }
    bytes += size;
    files.push({ ...file, folder: found.folder, artifact: names[index] ?? '', size });
  }
  return { files, leftOut };
}

/** An HTML report has copies of files that lie beside it, so it comes last. */
const isOfReport = ({ name }: FoundFile): boolean => name.startsWith('playwright-report/');

const sizeOf = (path: string): Promise<number | undefined> =>
  lstat(path).then(
    (found) => found.size,
    () => undefined,
  );

const mebibytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MiB`;

function whyNot(
  size: number | undefined,
  had: { readonly files: number; readonly bytes: number },
  most: FileLimits,
): string | undefined {
  if (size === undefined) return 'gone';
  if (size > most.fileBytes) return `larger than ${mebibytes(most.fileBytes)}`;
  if (had.files >= most.files) return `more than ${most.files} files`;
  return had.bytes + size > most.bytes ? `more than ${mebibytes(most.bytes)} together` : undefined;
}
