import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PlaywrightProcess } from '../../agent/frameworks/playwright/playwright-process.ts';
import { verdictOfCommand } from '../../agent/frameworks/verdict-of-command.ts';
import { createMasks } from '../../agent/logs/masks.ts';
import type { AttemptResult } from '../../agent/reports/attempt-result.ts';
import { fitReport } from '../../agent/reports/fit-report.ts';
import { readJunitFile } from '../../agent/reports/read-junit.ts';
import { longestStretch } from '../../agent/test-support/host.ts';
import { inFolder, readVerdictOfFile } from '../../agent/test-support/read-verdict.ts';

const mebi = 1024 * 1024;
const fill = (text: string): string => text.repeat(Math.ceil(mebi / text.length));
const withMessage = (text: string): string =>
  `<testsuite name="s"><testcase name="a"><failure message="m">${text}</failure></testcase></testsuite>`;
const attribute = (text: string): string =>
  `<testsuite name="s"><testcase name="${text}"><failure message="${text}"/></testcase></testsuite>`;

const xml: Record<string, string> = {
  'ESC]': withMessage(fill('\u001b]')),
  'ESC] in an attribute': attribute(fill('\u001b]')),
  'ESC[': withMessage(fill('\u001b[')),
  '&#27;': withMessage(fill('&#27;')),
  '&#27; in an attribute': attribute(fill('&#27;')),
  '&': withMessage(fill('&')),
  '&#1': withMessage(fill('&#1')),
  'one line': withMessage(fill('x')),
  'line breaks': withMessage(fill('\n')),
  'nested tags': `<testsuite>${fill('<a>')}`,
  'nested tags that are closed': `<testsuite>${'<a>'.repeat(900)}${fill('<a></a>')}${'</a>'.repeat(900)}</testsuite>`,
  'suites in each other': `<testsuite>${'<testsuite name="abc">'.repeat(900)}${fill('<testcase name="x"><failure/></testcase>')}${'</testsuite>'.repeat(901)}`,
  'comments that do not end': `<testsuite>${fill('<!--')}`,
  'quoted texts': withMessage(fill('<![CDATA[x]]>')),
  'quoted text that does not end': withMessage(fill('<![CDATA[')),
  'failures of one case': `<testsuite><testcase name="a">${fill('<failure message="a b"/>')}</testcase></testsuite>`,
  cases: `<testsuite name="s">${fill('<testcase/>')}</testsuite>`,
  attributes: `<testsuite ${fill('a="" ')}/>`,
  secrets: withMessage(fill('secret-value-7-')),
};

const patterns = Array.from({ length: 300 }, (_, index) => `secret-value-${index}-`);
const { redact } = createMasks(patterns);
const end = { code: 1, signal: null, durationMs: 1 };

/** The best of a few: the first one includes the compiler's time, and any may include a garbage collection. */
async function stretchOf(run: () => Promise<unknown>): Promise<number> {
  const stretches: number[] = [];
  for (let round = 0; round < 3; round += 1) stretches.push(await longestStretch(run));
  return Math.min(...stretches);
}

const mark = '\u001b]qgjob;n;';
const testEnd = (message: string): string =>
  `${mark}{"event":"test-end","file":"/ws/a.ts","redo":["1"],"test":{"id":"1","titles":["t"],"file":"/ws/a.ts","line":1,"projectName":"","expectedStatus":"passed","status":"unexpected","results":[{"status":"failed","duration":1,"errors":[{"message":"${message}"}]}],"attachments":[]}}\u0007`;

describe('1 MiB of hostile text keeps the event loop for at most 50 ms, from the file to what is sent', () => {
  test.each(Object.entries(xml))('JUnit: %s', async (_what, content) => {
    await inFolder(async (folder) => {
      const path = join(folder, 'junit.xml');
      await writeFile(path, content);
      const stretch = await stretchOf(async () =>
        fitReport(verdictOfCommand(end, await readJunitFile(path, { root: '/ws' }), ''), redact),
      );
      expect(stretch).toBeLessThan(50);
    });
  });

  const events: Record<string, string> = {
    'escapes of ESC]': testEnd(fill('\\u001b]')),
    backslashes: testEnd(fill('\\\\')),
    'one line': testEnd(fill('x')),
    'an event that does not end': `${mark}${fill('x')}`,
    'marks of events that do not end': fill(mark),
    'beginnings of marks': fill(mark.slice(0, -1)),
    'nested lists': `${mark}${fill('[')}\u0007`,
    'events that are none': fill(`${mark}{}\u0007`),
  };
  test.each(Object.entries(events))('events of Playwright: %s', async (_what, content) => {
    const stretch = await stretchOf(async () => fitReport(await resultOfEvents(content), redact));
    expect(stretch).toBeLessThan(50);
  });
});

/** What a process of Playwright that wrote this means for the one file that it was asked for. */
async function resultOfEvents(content: string): Promise<AttemptResult> {
  const ignore = (): void => undefined;
  const results: AttemptResult[] = [];
  const child = new PlaywrightProcess(
    {
      command: { argv: [], cwd: '/', env: {} },
      config: { path: '/ws/c', text: '' },
      channel: { nonce: 'n', control: '/none/orders', worker: '/none/worker', only: {} },
      root: '/ws',
      files: new Map([['/ws/a.ts', { testPath: 'a.ts', selected: undefined }]]),
    },
    {
      runs: ignore,
      output: ignore,
      installed: ignore,
      ended: (_testPath, result) => void results.push(result),
    },
  );
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += 64 * 1024) {
    child.read(bytes.subarray(at, at + 64 * 1024), 'stdout');
    // As output comes: one part in each turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const rest = (await child.close(end, '')).get('a.ts');
  return results[0] ?? (rest as AttemptResult);
}

/** A file in which one part is repeated: hundreds of MB, quickly written. */
async function writeHuge(
  path: string,
  before: string,
  part: string,
  times: number,
  after: string,
): Promise<void> {
  const file = await open(path, 'w');
  await file.write(before);
  const block = Buffer.from(part.repeat(Math.ceil((4 * mebi) / part.length)));
  for (let written = 0; written < times; written += 1) await file.write(block);
  await file.write(after);
  await file.close();
}

test('a huge output costs no verdict and little memory', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'junit.xml');
    const before = '<testsuite name="s" tests="1"><testcase name="a"><system-out><![CDATA[';
    await writeHuge(
      path,
      before,
      'printed & <printed>\n',
      75,
      ']]></system-out><failure message="no"/></testcase></testsuite>',
    );
    const held = process.memoryUsage().rss;
    const { verdict, tests } = await readVerdictOfFile(path, 1);
    expect({ verdict, tests }).toEqual({ verdict: 'failed', tests: ['failed s › a: no'] });
    expect(process.memoryUsage().rss - held).toBeLessThan(150 * mebi);
  });
}, 60_000);

test('50 000 cases: the one that failed is listed, and all are counted', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'junit.xml');
    const cases = Array.from(
      { length: 50_000 },
      (_, index) =>
        `<testcase classname="C" name="t${index}">${index === 49_999 ? '<failure message="no"/>' : ''}</testcase>`,
    );
    await writeFile(path, `<testsuite name="s" tests="50000" failures="1">${cases.join('')}</testsuite>`);
    const { verdict, tests, result } = await readVerdictOfFile(path, 1);
    expect(verdict).toBe('failed');
    expect(tests).toContain('failed s › C › t49999: no');
    expect(result.report).toEqual({
      total: 50_000,
      passed: 49_999,
      failed: 1,
      skipped: 0,
      flaky: 0,
      listed: 5000,
      complete: true,
    });
  });
}, 60_000);
