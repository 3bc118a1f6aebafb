import { relative } from 'node:path';
import { leadsOut } from '../../client/path-inside.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import type { Repro } from '../../protocol/shapes/repro.ts';
import { shortHash } from '../../protocol/words.ts';
import type { Ran } from './find-ran.ts';

interface Here {
  readonly dir: string;
  /** Empty: the suite brings it. */
  readonly app: string;
  /** Nothing is fetched. */
  readonly isPlan: boolean;
}

/** What is said beside the commands, a line each. */
export function describeRepro(repro: Repro, ran: Ran, { dir, app, isPlan }: Here): string[] {
  const { test_path: test, target, app_version_id: version, withheld } = repro;
  const way = relative(process.cwd(), dir);
  const shown = leadsOut(way) ? dir : way;
  const end = ran.verdict === null ? 'it has not ended yet' : `attempt ${ran.attempt} ended ${ran.verdict}`;
  const missing = withheld.map((name) => `QGJOB_PARAM_${name}`).join(', ');
  return [
    `${oneLine(test)} on ${target}: ${end}, on ${oneLine(ran.device)}`,
    `app ${version}: ${app === '' ? 'no build is registered, the suite brings it' : shorten(app, dir, shown)}`,
    `source: ${sourceWords(repro)}`,
    ...(isPlan ? [`nothing is fetched: without --print this goes into ${shown}`] : []),
    ...(ran.retried === null
      ? []
      : [`that attempt ran ${ran.retried} of the file's tests; the command runs all`]),
    ...(missing === '' ? [] : [`withheld, since they may be secret; set them yourself: ${missing}`]),
  ];
}

const shorten = (path: string, dir: string, shown: string): string =>
  oneLine(path.startsWith(dir) ? `${shown}${path.slice(dir.length)}` : path);

function sourceWords({ source }: Repro): string {
  const { kind = 'workspace', sha256, repository, sha } = source ?? {};
  if (kind === 'bundle') return `bundle ${sha256?.slice(0, 12)}`;
  const commit = sha ? `commit ${shortHash(sha)}` : 'not told which commit';
  return kind === 'git' ? `${commit} of ${oneLine(repository ?? '')}` : `a folder of the agent, ${commit}`;
}
