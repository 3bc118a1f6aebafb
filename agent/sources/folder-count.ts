/** Bytes of a path, and its parts. A file in more folders costs a host more than its bytes. */
const longestPath = 1024;
const mostParts = 64;

export const tooDeep = `is a path of more than ${longestPath} bytes or ${mostParts} parts`;

/** Whether a path is longer than any that people write. */
export const isTooDeep = (path: string): boolean =>
  Buffer.byteLength(path) > longestPath || path.split('/').length > mostParts;

/** Counts the folders that paths have: an archive names none of them, and each takes a place of its own on a disk. */
export class FolderCount {
  readonly most: number;
  readonly #known = new Set<string>();

  constructor(most: number) {
    this.most = most;
  }

  /** Takes the folders of a path, with `/`. False where there are too many now. */
  takes(path: string): boolean {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (this.#known.has(folder)) break;
      this.#known.add(folder);
    }
    return this.#known.size <= this.most;
  }
}
