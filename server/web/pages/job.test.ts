import { expect, test } from 'vitest';
import { addOrg, startTestServer } from '../../../test/support/server.ts';
import { signIn } from '../../../test/support/web.ts';
import { World } from '../../../test/support/world.ts';

test('the page of a job has its log; what its script fetches at each event has all else', async () => {
  const server = await startTestServer({ artifactLimits: { keepFreeBytes: 0 } });
  const acme = new World(server, await addOrg(server, 'acme'));
  const { lease, job } = await acme.running();
  await acme.of(lease).call('appendLogs', {
    params: { id: lease.lease_id, job_id: job.job_id },
    query: { attempt: 1, offset: 0 },
    body: new TextEncoder().encode('one line of it\n'),
  });
  const visitor = await signIn(server.url, acme.tokens.read);
  const path = `/ui/jobs/${job.job_id}`;
  const whole = await visitor.get(path);
  expect(whole.text).toContain('one line of it');
  const refreshed = await visitor.get(path, { 'x-live-refresh': '1' });
  expect(refreshed.status).toBe(200);
  expect(refreshed.text).not.toMatch(/one line of it|id="log"/);
  const partsOf = (html: string) => html.match(/id="[^"]+" data-live/g);
  expect(partsOf(refreshed.text)).toEqual(partsOf(whole.text));
});
