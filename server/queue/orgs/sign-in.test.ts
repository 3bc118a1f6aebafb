import { expect, test } from 'vitest';
import { openTestQueue } from '../../../test/support/queue.ts';
import type { Deps } from '../store/deps.ts';
import { setBindings } from './github-bindings.ts';
import { createOrg } from './orgs.ts';
import { findLiveSignIn, signIn } from './sign-in.ts';

const app = { repository_owner_id: '11', repository_id: '4711' };
const facts = {
  ...{ repository: 'acme/app', ...app },
  ...{ run_id: '900', run_attempt: 1, event_name: 'push', ref: 'refs/heads/main', sha: '1'.repeat(40) },
};
const minted = (id: string) => ({ id, hash: 'of a secret' });

async function openOrg(): Promise<Deps> {
  const { deps } = await openTestQueue();
  await createOrg(deps, { org_id: 'acme' });
  await setBindings(deps, 'acme', [app]);
  return deps;
}

/** The same store, in which something happens right before each write. */
const before = (deps: Deps, happens: () => Promise<unknown>): Deps => ({
  ...deps,
  sql: Object.assign(Object.create(deps.sql), {
    write: async (statements: Parameters<Deps['sql']['write']>[0]) => {
      await happens();
      return deps.sql.write(statements);
    },
  }),
});

test('a binding that is taken away between the look and the write gives no token', async () => {
  const deps = await openOrg();
  const late = before(deps, () => setBindings(deps, 'acme', []));
  await expect(signIn(late, { jti: 'one', facts }, minted('a'))).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect(await findLiveSignIn(deps, 'a')).toBeUndefined();
});

test('a token that was given between the look at the live ones and the write of a stricter policy ends', async () => {
  const deps = await openOrg();
  const late = before(deps, () => signIn(deps, { jti: 'two', facts }, minted('b')));
  const { ended } = await setBindings(late, 'acme', [{ ...app, events: ['release'] }]);
  expect(ended).toEqual(['b']);
  expect(await findLiveSignIn(deps, 'b')).toBeUndefined();
});

test('an OIDC token that another server exchanges at the same moment gives one token', async () => {
  const deps = await openOrg();
  const late = before(deps, () => signIn(deps, { jti: 'three', facts }, minted('c')));
  await expect(signIn(late, { jti: 'three', facts }, minted('d'))).rejects.toMatchObject({
    code: 'unauthorized',
  });
  expect(await findLiveSignIn(deps, 'c')).toBeDefined();
  expect(await findLiveSignIn(deps, 'd')).toBeUndefined();
});
