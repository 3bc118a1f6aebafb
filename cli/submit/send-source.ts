import { describeBundle, describeHeldBack } from '../../client/bundle/describe-bundle.ts';
import { type PackedSource, packSource } from '../../client/bundle/pack-source.ts';
import { sendBundle } from '../../client/bundle/send-bundle.ts';
import type { Client } from '../../client/index.ts';
import { readGitSource } from '../../client/read-git-source.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import type { SubmitRun } from '../../protocol/shapes/run.ts';
import { shortHash } from '../../protocol/words.ts';
import { say } from '../output/print.ts';
import { gitOptions } from './git-options.ts';
import { uploadProgress } from './upload-progress.ts';

const leftOutShown = 5;

/** Packs the code of this folder; each of the tests must be in it. */
export const pack = (tests: readonly string[]): Promise<PackedSource> =>
  packSource({ folder: process.cwd(), tests, git: gitOptions() });

/**
 * The body with packed code as its source, uploaded unless the server has it; without a client nothing is sent. Says on
 * stderr what was packed and what was left out.
 */
export async function withBundle(
  body: SubmitRun,
  packed: PackedSource,
  client: Client | undefined,
): Promise<SubmitRun> {
  sayLeftOut(packed);
  const onProgress = uploadProgress('the source');
  const isNew =
    client === undefined || (await sendBundle(client, packed, { orgId: body.org_id, onProgress }));
  say(`source ${shortHash(packed.source.sha256)}: ${oneLine(describeBundle(packed, isNew))}`);
  return { ...body, source: packed.source };
}

/** The body with the commit of this folder as its source; agents fetch it themselves. */
export async function withCommit(body: SubmitRun): Promise<SubmitRun> {
  const { source, isChanged } = await readGitSource(process.cwd(), body.tests, gitOptions());
  if (isChanged) say('warning: changes that are not committed are not part of this run');
  say(`source ${shortHash(source.sha)} of ${oneLine(source.repository)}`);
  return { ...body, source };
}

function sayLeftOut(packed: PackedSource): void {
  for (const { path, why } of packed.leftOut.slice(0, leftOutShown))
    say(`warning: left out of the bundle: ${oneLine(path)} ${why}`);
  if (packed.leftOut.length > leftOutShown)
    say(`warning: left out of the bundle: ${packed.leftOut.length - leftOutShown} more`);
  const heldBack = describeHeldBack(packed);
  if (heldBack !== undefined) say(oneLine(heldBack));
}
