import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type PhaseResult, runMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { onGithub, pullRequest, several } from '../support/action-stage.ts';
import { badGateway } from '../support/github/fake-github.ts';
import { isNightly } from '../support/nightly.ts';
import { startProxy } from '../support/proxy.ts';
import { tempFolder } from '../support/queue.ts';

const lab = useLab({
  'tests/one.sh': 'echo one',
  'tests/params.sh': 'test "$QGJOB_PARAM_USER" = ann && test "$QGJOB_PARAM_HOST" = example.com',
  'tests/fails.sh': 'echo why; exit 1',
});

const errorsOf = ({ commands }: PhaseResult): string[] =>
  commands.filter(({ name }) => name === 'error').map(({ data }) => data);

test('inputs and an event file with the line ends of Windows mean the same', async () => {
  const event = pullRequest();
  const file = join(tempFolder(), 'event.json');
  writeFileSync(file, JSON.stringify(event.payload, null, 2).replaceAll('\n', '\r\n'));
  const inputs = {
    tests: 'tests/*.sh\r\n!tests/fails.sh\r\n',
    target: 'emulator\r\n',
    params: 'USER=ann\r\nHOST=example.com\r\n',
    ...{ matrix: '{\r\n  "os": "windows"\r\n}', 'report-path': '' },
  };
  const { github, step } = await onGithub(lab(), inputs, {
    event: { name: event.name, payload: {} },
    env: { GITHUB_EVENT_PATH: file },
  });
  const result = await runMain(step);
  expect(result, result.log).toMatchObject({
    ...{ code: 0, stderr: '' },
    outputs: { conclusion: 'success', total: '2', passed: '2' },
  });
  expect(github.checks).toMatchObject([{ name: 'qgjob (emulator, windows)', conclusion: 'success' }]);
});

const page = '<html><title>Sign in to the network</title></html>';

test.runIf(isNightly)(
  'where everything of GitHub is a page, the verdict is the same, and one line for each says so',
  async () => {
    const answers = [{ status: 200, body: page }, badGateway];
    await several(answers, answers.length, async (answer) => {
      const inputs = { tests: 'tests/*.sh\n!tests/params.sh', comment: 'always' };
      const { github, step } = await onGithub(lab(), inputs, { event: pullRequest() });
      github.inject({ answer, times: 1000 });
      const result = await runMain(step);
      expect(result, result.log).toMatchObject({
        ...{ code: 1, stderr: '' },
        outputs: { conclusion: 'failure', passed: '1', failed: '1' },
      });
      const notices = result.commands.filter(({ name }) => name === 'notice').map(({ data }) => data);
      expect(notices).toEqual([
        expect.stringMatching(/^no check run: GitHub answered/),
        expect.stringMatching(/^no comment: GitHub answered/),
      ]);
      // Without a check run the step annotates itself.
      expect(errorsOf(result)).toHaveLength(2);
    });
  },
);

test.runIf(isNightly)(
  'where everything of the server is a page, the step fails in one line that says so',
  async () => {
    const answers = [200, 502].map((status) => ({ status, body: page }));
    await several(answers, answers.length, async (answer) => {
      const proxy = await startProxy(lab().url, () => answer);
      onTestFinished(proxy.close);
      const result = await runMain(lab().step({ tests: 'tests/one.sh', 'server-url': proxy.url }));
      expect(result).toMatchObject({
        code: 1,
        stderr: '',
        outputs: { status: 'errored', conclusion: 'failure' },
      });
      expect(errorsOf(result)).toEqual([
        expect.stringMatching(/answered \d+ with (?:a page that is not qgjob's \("Sign in|nothing)/),
      ]);
    });
  },
);
