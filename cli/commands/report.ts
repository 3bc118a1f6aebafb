import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { listArtifacts } from '../../client/artifacts/list-artifacts.ts';
import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { isFinal } from '../../protocol/states.ts';
import { toCtrf } from '../../report/ctrf.ts';
import { toJunit } from '../../report/junit.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { addConnection } from '../options.ts';
import { print, say } from '../output/print.ts';
import { readRun } from '../read-run.ts';
import { gatherBlobs } from '../report/gather-blobs.ts';
import { mergeHtml } from '../report/merge-html.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly output: string;
}

export function define(command: Command): void {
  command
    .description(
      'Write one report of a whole run: run.json, junit.xml, ctrf.json (ctrf.io), and html/, where its suite left blob ' +
        'reports of Playwright. Prints the paths.',
    )
    .argument('[run]', 'a run')
    .option('--output <folder>', 'where to', 'qgjob-report');
  addConnection(addIdFlags(command)).action(async (given: string | undefined, flags: Flags) => {
    const { id, kind } = readOneId(given === undefined ? [] : [given], flags);
    if (kind !== 'run')
      throw new QgjobError(
        'invalid',
        `${id} is a job; a report is of a run: \`qgjob status ${id}\` names it`,
      );
    const client = connect(flags);
    await writeFiles(client, id, flags.output);
    await writeHtml(client, id, flags.output);
  });
}

async function writeFiles(client: Client, id: string, folder: string): Promise<void> {
  const record = await readRun(client, id);
  if (!isFinal(record.run.status)) say(`the run is ${record.run.status}: this is what is known now`);
  const files = {
    'run.json': `${JSON.stringify(record, null, 2)}\n`,
    'junit.xml': toJunit(record),
    'ctrf.json': `${JSON.stringify(toCtrf(record), null, 2)}\n`,
  };
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
    print(join(folder, name));
  }
}

async function writeHtml(client: Client, id: string, folder: string): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), 'qgjob-report-'));
  try {
    const [download, blobs] = [join(temporary, 'download'), join(temporary, 'blobs')];
    await mkdir(blobs);
    const all = await listArtifacts(client, (await readRun(client, id)).jobs);
    if ((await gatherBlobs(client, all, { download, blobs })) === 0)
      return say(
        'no HTML report: no attempt of this run left a blob report of Playwright (qgjob-blob/*.zip)',
      );
    await mergeHtml(blobs, resolve(folder, 'html'));
    print(join(folder, 'html', 'index.html'));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
