import { join, sep } from 'node:path';
import { pathInside } from '../path-inside.ts';
import { type Kind, kindOf, realPath } from './disk.ts';

/** The folder that test paths are relative to. */
export class Folder {
  /** Absolute. */
  readonly path: string;
  readonly #root: string;
  readonly #real = new Map<string, string | undefined>();

  constructor(path: string) {
    this.path = path;
    this.#root = realPath(path) ?? path;
  }

  kindOf(path: string): Kind {
    return kindOf(join(this.path, path));
  }

  /** The real path of a file, relative to the folder; undefined outside of it. Reads the disk once for each path. */
  real(path: string): string | undefined {
    if (!this.#real.has(path)) this.#real.set(path, this.#find(path));
    return this.#real.get(path);
  }

  #find(path: string): string | undefined {
    const real = realPath(join(this.path, path));
    if (real === undefined) return undefined;
    return pathInside(this.#root, real)?.replaceAll(sep, '/');
  }
}
