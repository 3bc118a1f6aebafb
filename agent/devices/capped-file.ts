import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Of both files together. */
export const mostLogBytes = 20 * 1024 * 1024;

/** A log of any length, in a folder where it is new, of which the end is kept: in `<name>.txt`, and what was before it in `<name>-before.txt`. */
export class CappedFile {
  readonly #path: string;
  readonly #before: string;
  /** In bytes, of each of them. */
  readonly #most: number;
  #file: FileHandle;
  #size = 0;

  private constructor(path: string, before: string, most: number, file: FileHandle) {
    this.#path = path;
    this.#before = before;
    this.#most = most;
    this.#file = file;
  }

  /** `most`: bytes of both files. */
  static async open(folder: string, name: string, most: number): Promise<CappedFile> {
    const path = join(folder, `${name}.txt`);
    return new CappedFile(path, join(folder, `${name}-before.txt`), most / 2, await open(path, 'wx', 0o600));
  }

  /** One call at a time. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#size + bytes.length > this.#most) {
      await this.#file.close();
      await rename(this.#path, this.#before);
      this.#file = await open(this.#path, 'wx', 0o600);
      this.#size = 0;
    }
    await this.#file.write(bytes);
    this.#size += bytes.length;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
