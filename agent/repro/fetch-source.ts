import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { hostVariables } from '../config.ts';
import { allowRepository } from '../sources/allowed-repository.ts';
import { layOut } from '../sources/lay-out-commit.ts';
import { fetchInto } from '../sources/repositories.ts';
import { BadBundle, unpackBundle } from '../sources/unpack-bundle.ts';

/** Unpacks a bundle into a new folder, as an agent does. Errors: `invalid` for an archive that is refused; those of the disk. */
export async function unpackSource(archive: string, to: string, signal: AbortSignal): Promise<void> {
  await mkdir(to);
  try {
    await unpackBundle(archive, to, signal);
  } catch (error) {
    if (!(error instanceof BadBundle)) throw error;
    throw new QgjobError('invalid', `the bundle of the job is refused: ${error.message}`, { cause: error });
  }
}

export interface WantedSource {
  readonly repository: string;
  readonly sha: string;
  /** A new folder is made here. */
  readonly to: string;
  /** Of ours; what is made in it is removed. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Fetches a commit as an agent does: no hook and no filter runs. Errors: `invalid`, `unavailable`. */
export async function fetchSource({ repository, sha, to, folder, signal }: WantedSource): Promise<void> {
  const way = allowRepository(repository, ['**']);
  if ('refused' in way) throw new QgjobError('invalid', way.refused);
  const scratch = join(folder, 'repository');
  const options = { env: present(hostVariables()), signal };
  await mkdir(to);
  const fetched = await fetchInto(scratch, { repository, protocol: way.protocol, sha }, options);
  const failure =
    fetched === undefined ? await layOut({ repository: scratch, sha, to }, options) : { why: fetched };
  await rm(scratch, { recursive: true, force: true });
  if (failure !== undefined && 'why' in failure)
    throw new QgjobError(
      'unavailable',
      `commit ${sha} of ${repository} could not be fetched: ${failure.why}`,
    );
}

/** The person's own access to repositories, without a token of ours. */
const present = (all: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      value === undefined || name === 'QGJOB_TOKEN' ? [] : [[name, value] as const],
    ),
  );
