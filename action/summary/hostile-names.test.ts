import { expect, test } from 'vitest';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { renderGfm } from '../../test/support/gfm.ts';
import { makeJob, makeRecord } from '../test-support/records.ts';
import { renderSummary } from './render-summary.ts';

// What means something in Markdown, in HTML, to GitHub or to a terminal.
const hostile = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '</details></td></table><h1>all passed</h1>',
  '[link](https://evil.example) ![i](https://evil.example/i.png)',
  '<https://evil.example> https://evil.example www.evil.example mail@evil.example',
  '@octocat @acme/everyone #1 acme/app#2 GH-3',
  '| a | b |\n|---|---|\n| c | d |',
  '# heading\n\n- list\n\n> quote\n\n---',
  '```\n</code></pre>\n``` ~~~ ````',
  '<!-- qgjob:report --> --> <!--',
  '[x]: https://evil.example "t"\n[x]',
  '- [x] done ~~gone~~ **bold** _under_ `code` $\\alpha$ :tada: [^1]',
  '&lt;b&gt; &#60;b&#62; &amp; \\<b>',
  '\u001b[31mred\u001b[0m \u202egnp.exe \u0000\u0007',
  '::error::x ##[error]x',
];

const allowed = new Set(
  'h3 p a table thead tbody tr th td strong em details summary pre code br sup'.split(' '),
);

const nameOf = (index: number): string => `${index} ${hostile[index % hostile.length]}`;

/** 5000 tests in 100 files, 600 of them failed, whose names, messages, files and targets are hostile. */
function hostileRun() {
  const jobs = Array.from({ length: 100 }, (_, file) => {
    const tests = Array.from({ length: 50 }, (_, index): TestCase => {
      const failed = index < 6;
      const name = nameOf(file * 50 + index);
      return {
        ...{ name, file: name.slice(0, 1000), duration_ms: 5, status: failed ? 'failed' : 'passed' },
        ...(failed && { message: `${name}\n${hostile.join('\n')}` }),
      };
    });
    return makeJob(`${nameOf(file)}.spec.ts`, {
      ...{ status: 'failed', outcome: null, tests, error: hostile.join('\n') },
    });
  });
  return makeRecord(jobs, { status: 'failed', conclusion: 'failure' });
}

test('of 5000 tests with hostile names nothing comes alive in the rendered summary', () => {
  const record = hostileRun();
  const summary = renderSummary({ record, failure: hostile.join(' '), waited: true });
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(900 * 1024);
  const { elements, addresses, references } = renderGfm(summary);
  expect([...elements].filter((name) => !allowed.has(name))).toEqual([]);
  expect([...new Set(addresses)]).toEqual([record.run.url]);
  expect([...new Set(references)]).toEqual([]);
});
