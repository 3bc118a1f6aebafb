/** A test file, as blobs name it. */
export const specFile = 'tests/a.spec.ts';

export const location = (path: string) => ({ file: path, line: 3, column: 1 });

/** What an attempt left: its tests, and the lines of their runs. */
export const blob = (tests: readonly string[], lines: readonly object[] = [], of = specFile): string =>
  [
    { method: 'onBlobReportMetadata', params: { version: 2, file: of, playwright: '1.65.1' } },
    {
      method: 'onProject',
      params: {
        project: {
          name: 'one',
          suites: [
            {
              title: of,
              location: location(of),
              entries: tests.map((testId) => ({ testId, title: testId, location: location(of) })),
            },
          ],
        },
      },
    },
    ...lines,
  ]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');

export const begin = (testId: string, id: string) => ({
  method: 'onTestBegin',
  params: { testId, result: { id, retry: 0, startTime: 1000 } },
});

export const end = (testId: string, id: string, more: object = {}) => ({
  method: 'onTestEnd',
  params: { test: { testId }, result: { id, status: 'passed', duration: 5, ...more } },
});

/** The begin of a step, at a place. */
export const step = (testId: string, resultId: string, place: object) => ({
  method: 'onStepBegin',
  params: {
    ...{ testId, resultId },
    step: { id: `${resultId}.0`, title: 'a step', category: 'test.step', startTime: 1000, location: place },
  },
});
