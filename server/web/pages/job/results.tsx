import { cleanText, cutText } from '../../../../protocol/clean-text.ts';
import type { Job, TestCase } from '../../../../protocol/shapes/job.ts';
import { Card } from '../../parts/card.tsx';
import { plain } from '../../parts/plain.ts';
import { Status } from '../../parts/status.tsx';
import { Duration } from '../../parts/time.tsx';

const testsShown = 200;
const messageLength = 8000;
const order = ['failed', 'flaky', 'passed', 'skipped'] as const;

/** The tests of the file as its reports name them, failures first and opened. */
export function Results({ job }: { readonly job: Job }) {
  const tests = job.tests ?? [];
  // Its place: what comes later is shown there without a reload.
  if (tests.length === 0) return <div id="results" data-live="" />;
  const sorted = tests.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const { report } = job;
  return (
    <Card
      title="Tests of the file"
      id="results"
      aside={report && <span class="faint">{wordsOf(report)}</span>}
    >
      <ul class="results">
        {sorted.slice(0, testsShown).map((test) => (
          <li>
            <Result test={test} />
          </li>
        ))}
      </ul>
      {(sorted.length > testsShown || (report && report.total > tests.length)) && (
        <p class="more">
          {Math.min(testsShown, sorted.length)} of {report?.total ?? sorted.length} tests are shown;{' '}
          <code>qgjob status {job.job_id} --json</code> lists them.
        </p>
      )}
    </Card>
  );
}

const wordsOf = ({ total, passed, failed, skipped, flaky }: NonNullable<Job['report']>): string =>
  [
    `${total} in all`,
    failed > 0 && `${failed} failed`,
    flaky > 0 && `${flaky} flaky`,
    `${passed} passed`,
    skipped > 0 && `${skipped} skipped`,
  ]
    .filter(Boolean)
    .join(', ');

function Result({ test }: { readonly test: TestCase }) {
  const head = (
    <>
      <Status of={test.status} /> <span class="result-name">{plain(test.name, 300)}</span>{' '}
      {test.file !== undefined && (
        <span class="faint mono">
          {plain(test.file, 120)}
          {test.line !== undefined && `:${test.line}`}
        </span>
      )}{' '}
      <Duration ms={test.duration_ms} />
    </>
  );
  if (test.message === undefined || test.message === '') return <div class="result">{head}</div>;
  return (
    <details class="result" open={test.status === 'failed'}>
      <summary>{head}</summary>
      <Message text={test.message} />
    </details>
  );
}

/** An error as it was reported; what was expected and what came instead in the colours of a diff. */
const Message = ({ text }: { readonly text: string }) => (
  <section class="message" tabindex={0} aria-label="Error">
    {cutText(cleanText(text), messageLength)
      .split('\n')
      .map((line) => (
        <div class={lookOf(line)}>{line === '' ? ' ' : line}</div>
      ))}
  </section>
);

function lookOf(line: string): string {
  if (/^\s*(\+(?!\+\+)|Received\b)/.test(line)) return 'plus';
  if (/^\s*(-(?!--)|Expected\b)/.test(line)) return 'minus';
  return /^\s*(>\s*\d+ \||at )/.test(line) ? 'place' : '';
}
