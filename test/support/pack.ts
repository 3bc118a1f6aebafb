import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { projectRoot } from './sources.ts';

export interface Packed {
  readonly filename: string;
  /** Of the tarball, bytes. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

/** What `npm pack` makes of the project as it is built, without a build of its own; `into`: the folder of the tarball. */
export function npmPack(into?: string): Packed {
  const how = into === undefined ? ['--dry-run'] : ['--pack-destination', into];
  const text = npm(['pack', '--ignore-scripts', '--json', ...how], projectRoot);
  const [packed] = JSON.parse(text) as Packed[];
  if (!packed) throw new Error(`npm pack says ${text}`);
  return packed;
}

/** The stdout of npm, which the Node of this process runs. */
export const npm = (args: readonly string[], cwd: string): string =>
  execFileSync('npm', [...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 24,
  });
