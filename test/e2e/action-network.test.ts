import { expect, test } from 'vitest';
import { type PhaseResult, runMain, runPost } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { onGithub, pullRequest } from '../support/action-stage.ts';
import { startFakeGithub } from '../support/github/fake-github.ts';
import { isNightly } from '../support/nightly.ts';
import { makeCertificate, startForwardProxy, startTlsFront } from '../support/tls.ts';

const lab = useLab({ 'tests/one.sh': 'echo one', 'tests/fails.sh': 'echo why; exit 1' });

const errorOf = ({ commands }: PhaseResult): string =>
  commands.find(({ name }) => name === 'error')?.data ?? '';

/** As GitHub Enterprise has them. */
const enterprisePath = (path: string): string => path.replace(/^\/api\/(?:v3\/)?/, '/');

test('a server with a certificate of an own authority is reached with NODE_EXTRA_CA_CERTS, and its lack is said', async () => {
  const certificate = makeCertificate([]);
  const url = `https://127.0.0.1:${await startTlsFront(certificate, lab().url)}`;
  const inputs = { tests: 'tests/one.sh', 'server-url': url };
  const known = await runMain(lab().step(inputs, { env: { NODE_EXTRA_CA_CERTS: certificate.ca } }));
  expect(known, known.log).toMatchObject({ code: 0, stderr: '', outputs: { conclusion: 'success' } });
  const unknown = await runMain(lab().step(inputs));
  expect(unknown).toMatchObject({ code: 1, stderr: '', outputs: { status: 'errored' } });
  expect(errorOf(unknown)).toContain('NODE_EXTRA_CA_CERTS');
});

test('on a GitHub Enterprise Server behind a proxy with a password, everything goes through it and is written', async () => {
  const certificate = makeCertificate(['qgjob.test', 'github.test']);
  const github = await startFakeGithub();
  const proxy = await startForwardProxy(
    {
      'qgjob.test:443': await startTlsFront(certificate, lab().url),
      'github.test:443': await startTlsFront(certificate, github.url, enterprisePath),
    },
    'runner:p%40ss',
  );
  const env = {
    HTTPS_PROXY: proxy.url.replace('//', '//runner:p%2540ss@'),
    NODE_EXTRA_CA_CERTS: certificate.ca,
    GITHUB_SERVER_URL: 'https://github.test',
    GITHUB_API_URL: 'https://github.test/api/v3',
    GITHUB_GRAPHQL_URL: 'https://github.test/api/graphql',
  };
  const inputs = { tests: 'tests/*.sh', 'server-url': 'https://qgjob.test', comment: 'always' };
  const { step } = await onGithub(lab(), inputs, { github, event: pullRequest(), env });
  const result = await runMain(step);
  expect(result, result.log).toMatchObject({
    code: 1,
    stderr: '',
    outputs: { conclusion: 'failure', failed: '1' },
  });
  expect(github.checks).toMatchObject([{ status: 'completed', conclusion: 'failure' }]);
  expect(github.comments).toHaveLength(1);
  expect(github.calls.map(({ operation }) => operation)).toContain('graphql');
  expect(github.problems).toEqual([]);
  expect([...new Set(proxy.asked)].sort()).toEqual(['github.test:443', 'qgjob.test:443']);
  expect(await runPost(step, result)).toMatchObject({ code: 0, log: '' });
});

test('a proxy that refuses is said in one line, at once and without its password', async () => {
  const proxy = await startForwardProxy({}, 'runner:right');
  const env = { HTTPS_PROXY: proxy.url.replace('//', '//runner:wrong@') };
  const inputs = { tests: 'tests/one.sh', 'server-url': 'https://qgjob.test' };
  const result = await runMain(lab().step(inputs, { env }));
  expect(result).toMatchObject({ code: 1, stderr: '', outputs: { status: 'errored' } });
  expect(errorOf(result)).toContain('407');
  // Another try would end alike.
  expect(proxy.asked).toHaveLength(1);
  expect(result.log).not.toContain('wrong');
});

test.runIf(isNightly)('a proxy that lets GitHub not through changes no verdict, and is said', async () => {
  const proxy = await startForwardProxy({});
  const env = { HTTPS_PROXY: proxy.url, GITHUB_API_URL: 'https://github.test/api/v3' };
  const { github, step } = await onGithub(lab(), { tests: 'tests/one.sh' }, { env });
  const result = await runMain(step);
  expect(result, result.log).toMatchObject({ code: 0, stderr: '', outputs: { conclusion: 'success' } });
  const notices = result.commands.filter(({ name }) => name === 'notice').map(({ data }) => data);
  expect(notices).toEqual([
    expect.stringMatching(/^no check run: GitHub could not be reached: the proxy on the way answered 503/),
  ]);
  expect(github.calls).toEqual([]);
});

test.runIf(isNightly)('what is on this machine is not asked for at a proxy', async () => {
  const proxy = await startForwardProxy({});
  const { github, step } = await onGithub(
    lab(),
    { tests: 'tests/one.sh' },
    { env: { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url } },
  );
  const result = await runMain(step);
  expect(result).toMatchObject({ code: 0, stderr: '', outputs: { conclusion: 'success' } });
  expect(github.checks).toMatchObject([{ conclusion: 'success' }]);
  expect(proxy.asked).toEqual([]);
});
