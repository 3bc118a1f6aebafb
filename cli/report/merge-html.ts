import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { environment } from '../config.ts';

const mostWords = 2000;

/**
 * Merges blob reports of Playwright into one HTML report, by the Playwright that the current folder has installed: it must
 * be of the version that made them. Beside `blobs` a file is written. Errors: `invalid` where there is none, or it does not merge them, with its words.
 */
export async function mergeHtml(blobs: string, output: string): Promise<void> {
  const cli = findCli(process.cwd());
  if (cli === undefined)
    throw new QgjobError(
      'invalid',
      'the HTML report is made by Playwright, which is not installed here; run this in the folder of the suite, after npm ci',
    );
  // Each lease had the source in a folder of its own; without this, reports of different folders are not merged.
  const config = join(blobs, '..', 'merge.config.mjs');
  await writeFile(config, `export default { testDir: ${JSON.stringify(process.cwd())} };\n`);
  const env = { ...environment(), PLAYWRIGHT_HTML_OUTPUT_DIR: output, PLAYWRIGHT_HTML_OPEN: 'never' };
  const { code, said } = await run(
    [cli, 'merge-reports', '--config', config, '--reporter', 'html', blobs],
    env,
  );
  if (code === 0) return;
  throw new QgjobError('invalid', `Playwright did not merge the reports (exit ${code}): ${oneLine(said)}`);
}

function findCli(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'qgjob.js')).resolve('@playwright/test/cli');
  } catch {
    return undefined;
  }
}

/** Answers the last words that it said. */
function run(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => {
        said = `${said}${bytes.toString()}`.slice(-mostWords);
      });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said }));
  });
}
