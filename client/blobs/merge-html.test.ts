import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../test/support/processes.ts';
import { mergeHtml } from './merge-html.ts';

/** A program in Playwright's place that notes its start, and stays. */
function openLab() {
  const folder = makeFolder({});
  const [cli, mark] = [join(folder, 'cli.cjs'), join(folder, 'started')];
  writeFileSync(
    cli,
    `require('node:fs').writeFileSync(${JSON.stringify(mark)}, ''); setInterval(() => undefined, 1000);`,
  );
  const merge = (signal: AbortSignal) =>
    mergeHtml({ cli, blobs: folder, root: folder, output: join(folder, 'html'), env: {}, signal });
  return { merge, mark };
}

test('where the signal has fired before, nothing is started', async () => {
  const { merge, mark } = openLab();
  await expect(merge(AbortSignal.abort(new Error('no time is left')))).rejects.toThrow('no time is left');
  expect(existsSync(mark)).toBe(false);
});

test('a signal that fires at any moment after that ends the program', async () => {
  const soon = openLab();
  const controller = new AbortController();
  const merging = soon.merge(controller.signal);
  controller.abort();
  await expect(merging).rejects.toThrow('did not merge the reports (stopped)');

  const later = openLab();
  const second = new AbortController();
  const running = later.merge(second.signal);
  await expect.poll(() => existsSync(later.mark)).toBe(true);
  second.abort();
  await expect(running).rejects.toThrow('did not merge the reports (stopped)');
});
