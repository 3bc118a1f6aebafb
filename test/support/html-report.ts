import { readFileSync } from 'node:fs';
import { json } from 'node:stream/consumers';
import { fromBuffer } from 'yauzl';

/** A test in an HTML report of Playwright. */
export interface ShownTest {
  readonly title: string;
  readonly path: readonly string[];
  readonly outcome: 'expected' | 'unexpected' | 'flaky' | 'skipped';
  readonly tags: readonly string[];
  readonly results: readonly {
    readonly attachments: readonly { readonly name: string; readonly path?: string }[];
  }[];
}

/** The tests that an HTML report of Playwright shows, by file and title: `tests/a.spec.ts › adds up: flaky, 2 runs`. */
export async function readHtmlReport(path: string): Promise<{ lines: string[]; tests: ShownTest[] }> {
  const [, base64 = ''] =
    /data:application\/zip;base64,([A-Za-z0-9+/=]+)/.exec(readFileSync(path, 'utf8')) ?? [];
  const report = (await readEntry(Buffer.from(base64, 'base64'), 'report.json')) as {
    files: { fileName: string; tests: ShownTest[] }[];
  };
  const all = report.files.flatMap(({ fileName, tests }) => tests.map((one) => ({ fileName, ...one })));
  const lines = all.map(
    ({ fileName, title, tags, outcome, results }) =>
      `${[fileName, title, ...tags].join(' › ')}: ${outcome}, ${results.length} ${results.length === 1 ? 'run' : 'runs'}`,
  );
  return { lines: lines.sort(), tests: all };
}

/** The JSON of one file in a ZIP archive. */
export const readEntry = (zip: Buffer, name: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    fromBuffer(zip, { lazyEntries: true }, (error, file) => {
      if (error) return reject(error);
      file.on('error', reject).on('entry', (entry) => {
        if (entry.fileName !== name) return file.readEntry();
        file.openReadStream(entry, (failed, stream) => (failed ? reject(failed) : resolve(json(stream))));
      });
      file.readEntry();
    });
  });
