import { expect, test } from 'vitest';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const shows = 'echo "of the run: <$QGJOB_PARAM_URL>"';

test('params reach a test by their names, and no install: that serves other runs too', async () => {
  const { server } = await startTestAgent({
    files: {
      'a.sh': shows,
      'install.sh': `${shows} > "$QGJOB_DEVICE_DIR/said"`,
      'b.sh': 'cat "$QGJOB_DEVICE_DIR/said"',
    },
    frameworks: { default: 'command', command: { install: ['sh', 'install.sh'], test: ['sh', '{test}'] } },
  });
  server.grant(leaseOf(['a.sh', 'b.sh'], { params: { URL: 'http://$HOME/?a=b c' }, install: true }));
  await server.verdict('job_b_sh');
  expect(server.logOf('job_a_sh')).toContain('of the run: <http://$HOME/?a=b c>');
  expect(server.logOf('job_b_sh')).toContain('of the run: <>');
});

test('params reach all files of a process, and no other lease', async () => {
  const { server } = await startTestAgent({
    frameworks: {
      default: 'command',
      command: { test: ['sh', '-c', shows], batch: ['sh', '-c', shows, '{tests}'] },
    },
    files: { 'a.sh': '', 'b.sh': '', 'c.sh': '' },
  });
  server.grant(leaseOf(['a.sh', 'b.sh'], { params: { URL: 'http://one' } }));
  await server.verdict('job_b_sh');
  server.grant(leaseOf(['c.sh']));
  await server.verdict('job_c_sh');
  expect(server.logOf('job_b_sh')).toContain('<http://one>');
  expect(server.logOf('job_c_sh')).toContain('<>');
});

test('a param that may be a secret is masked in logs and reports, as long as its lease lasts', async () => {
  const password = 'hunter22-of-ana';
  const { agent, server } = await startTestAgent({
    files: {
      'a.sh': `echo "$QGJOB_PARAM_PASSWORD at $QGJOB_PARAM_BASE_URL in $QGJOB_PARAM_LOCALE" | tee /dev/stderr
        echo "<testsuite><testcase name='$QGJOB_PARAM_PASSWORD'/></testsuite>" > "$QGJOB_JUNIT"`,
    },
  });
  const params = { PASSWORD: password, BASE_URL: 'https://ana:opensesame@shop.example/', LOCALE: 'de-DE-x' };
  server.grant(leaseOf(['a.sh'], { params }));
  expect(await server.verdict('job_a_sh')).toMatchObject({ tests: [{ name: '[redacted]' }] });
  expect(server.logOf('job_a_sh')).toContain('[redacted] at [redacted] in de-DE-x');
  for (const secret of [password, 'opensesame']) expect(JSON.stringify(server.calls)).not.toContain(secret);
  await expect.poll(() => agent.masks.redact(password)).toBe(password);
});

test('a command cannot select tests by their titles, and does not run all of them instead', async () => {
  const { server } = await startTestAgent({ files: { 'a.sh': 'exit 0' } });
  server.grant(leaseOf(['a.sh'], { grep: 'title' }));
  expect(await server.verdict('job_a_sh')).toMatchObject({
    error_class: 'rejected',
    error: 'the framework command cannot select tests by their titles: submit them without grep',
  });
});
