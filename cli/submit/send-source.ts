import { describeBundle } from '../../client/bundle/describe-bundle.ts';
import { sendBundle as send } from '../../client/bundle/send-bundle.ts';
import type { Client } from '../../client/index.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import type { Source, SubmitRun } from '../../protocol/shapes/run.ts';
import { environment } from '../config.ts';
import { say } from '../output/print.ts';

const mebibyte = 2 ** 20;
/** A smaller bundle is there before anybody wonders. */
const shownFrom = 2 * mebibyte;
const shownEveryMs = 1000;
const leftOutShown = 5;

/** Sends the code of this folder, and says on stderr what was sent and what was left out. */
export async function sendBundle(client: Client, { tests, org_id: orgId }: SubmitRun): Promise<Source> {
  let saidAt = performance.now();
  const sent = await send(client, {
    folder: process.cwd(),
    tests,
    orgId,
    git: { env: definedOf(environment()) },
    onProgress(bytes, total) {
      const now = performance.now();
      if (total < shownFrom || now - saidAt < shownEveryMs) return;
      saidAt = now;
      say(`uploading the source: ${inMib(bytes)} of ${inMib(total)} MiB`);
    },
  });
  for (const { path, why } of sent.leftOut.slice(0, leftOutShown))
    say(`warning: left out of the bundle: ${oneLine(path)} ${why}`);
  if (sent.leftOut.length > leftOutShown)
    say(`warning: left out of the bundle: ${sent.leftOut.length - leftOutShown} more`);
  say(`source ${sent.source.sha256.slice(0, 12)}: ${oneLine(describeBundle(sent))}`);
  return sent.source;
}

const inMib = (bytes: number): string => (bytes / mebibyte).toFixed(1);

const definedOf = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
