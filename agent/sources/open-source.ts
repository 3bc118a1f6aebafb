import { existsSync } from 'node:fs';
import { realpath, rm, stat } from 'node:fs/promises';
import { dirname, join, win32 } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';
import { cutText, oneLine } from '../../protocol/clean-text.ts';
import { TestPath } from '../../protocol/shapes/common.ts';
import type { Source } from '../../protocol/shapes/origin.ts';
import type { AgentConfig } from '../config.ts';
import { makeNew } from '../folders.ts';
import { allowRepository } from './allowed-repository.ts';
import { OtherBytes } from './bundle-cache.ts';
import { refuseWorkspace } from './check-workspace.ts';
import type { CheckOutOptions, WantedCommit } from './repositories.ts';
import type { SourceFailure } from './source-failure.ts';
import { BadBundle, unpackBundle } from './unpack-bundle.ts';

/** The test code of a lease, or why there is none. */
export type OpenedSource =
  | {
      /** Absolute, a real path: the folder that test paths are relative to. */
      readonly root: string;
      /** Of a bundle: the top folder of what was unpacked. Its packages are still missing. */
      readonly top?: string;
    }
  | { readonly failure: SourceFailure };

const rejected = (why: string): OpenedSource => ({ failure: { class: 'rejected', why } });

/** How code comes to this host. */
export interface Fetchers {
  /** Gets the archive of a bundle: from the host's cache, or from the server. Answers its path. */
  bundle(sha256: string): Promise<string>;
  /** Lays the files of a commit out. */
  commit(
    wanted: WantedCommit,
    folders: { readonly to: string; readonly scratch: string },
    options: CheckOutOptions,
  ): Promise<SourceFailure | undefined>;
}

/**
 * Finds the test code that a lease asks for. A lease without a source means the agent's workspace as it is. A bundle is
 * unpacked into `folder`, which is of this lease alone. Errors: those of `fetch`, the reason of the signal, and where
 * this host cannot run bundles.
 */
export async function openSource(
  source: Source | undefined,
  config: AgentConfig,
  folder: string,
  fetch: Fetchers,
  signal: AbortSignal,
): Promise<OpenedSource> {
  if (source?.kind === 'git') return openCommit(source, config, folder, fetch, signal);
  if (source?.kind === 'bundle') return openBundle(source, config, folder, fetch, signal);
  const why = await refuseWorkspace(config, source?.sha);
  return why === undefined ? { root: await realpath(config.workspace) } : rejected(why);
}

async function openBundle(
  { sha256, subdir = '' }: Extract<Source, { kind: 'bundle' }>,
  config: AgentConfig,
  folder: string,
  fetch: Fetchers,
  signal: AbortSignal,
): Promise<OpenedSource> {
  if (!config.bundles) return rejected("this agent's settings allow no bundles (sources.bundle is false)");
  const top = await realpath(await makeNew(folder, 'source-'));
  try {
    await unpackBundle(await fetch.bundle(sha256), top, signal);
  } catch (error) {
    if (error instanceof BadBundle) return rejected(`the bundle ${sha256} is refused: ${error.message}`);
    if (error instanceof OtherBytes) return { failure: { class: 'infra_error', why: error.message } };
    throw error;
  }
  return openFolder(top, subdir, 'bundle');
}

async function openCommit(
  { repository, sha, subdir = '' }: Extract<Source, { kind: 'git' }>,
  config: AgentConfig,
  folder: string,
  fetch: Fetchers,
  signal: AbortSignal,
): Promise<OpenedSource> {
  const allowed = allowRepository(repository, config.repositories);
  if ('refused' in allowed) return rejected(allowed.refused);
  const to = await realpath(await makeNew(folder, 'source-'));
  const scratch = await makeNew(folder, 'repository-');
  const wanted = { repository, protocol: allowed.protocol, sha };
  const failure = await fetch.commit(wanted, { to, scratch }, { env: config.childEnv, signal });
  await rm(scratch, { recursive: true, force: true });
  return failure === undefined ? openFolder(to, subdir, 'commit') : { failure };
}

async function openFolder(top: string, subdir: string, what: string): Promise<OpenedSource> {
  const above = packagesAbove(top);
  if (above !== undefined)
    throw new Error(`this host has packages in ${above}, which tests of a ${what} would find: remove them`);
  const root = join(top, subdir);
  const isThere = (await stat(root).catch(() => undefined))?.isDirectory() ?? false;
  if (pathInside(top, root) === undefined || !isThere)
    return rejected(`the ${what} has no folder ${cutText(oneLine(subdir), 200)}`);
  return { root, top };
}

/** The nearest folder above with packages: Node looks for packages there too. */
export function packagesAbove(folder: string): string | undefined {
  const above = dirname(folder);
  if (above === folder) return undefined;
  return existsSync(join(above, 'node_modules')) ? above : packagesAbove(above);
}

const places = { workspace: "the agent's workspace", bundle: 'the bundle', git: 'the commit' };

/**
 * Why this test cannot be run from `root`; undefined when it can. The path came from somebody else: it must be one that
 * a submit may name, and it must name a file inside `root` after all links are followed.
 */
export async function refuseTest(
  root: string,
  testPath: string,
  kind: 'workspace' | 'bundle' | 'git' = 'workspace',
): Promise<string | undefined> {
  const { error } = TestPath.safeParse(testPath);
  const shown = cutText(oneLine(testPath), 200);
  if (error) return `the test path "${shown}" cannot be: ${error.issues[0]?.message}`;
  // `C:` is a folder on one system and a disk on another.
  if (/^[A-Za-z]:/.test(testPath) || win32.isAbsolute(testPath)) return `the test path ${shown} names a disk`;
  const real = await realpath(join(root, testPath)).catch(() => undefined);
  if (real === undefined) return `there is no test file ${shown} in ${places[kind]}`;
  if (pathInside(await realpath(root), real) === undefined)
    return `the test path ${shown} leads out of ${kind === 'workspace' ? 'the workspace' : places[kind]}`;
  return (await stat(real)).isFile() ? undefined : `${shown} is not a file`;
}
