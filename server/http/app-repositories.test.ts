import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RegisterAppVersion } from '../../protocol/shapes/app-version.ts';
import { useSignInLab } from '../../test/support/sign-in-lab.ts';

const lab = useSignInLab();
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
let versions = 0;

/** A new version id, and what workflows of two repositories of one org, and a token of the org, may do with it. */
async function openVersion() {
  await lab.bind([{ repository_owner_id: '11' }]);
  versions += 1;
  const params = { id: `v${versions}` };
  const as = (token: string) => {
    const client = lab.server.as(token);
    return {
      register: (body: Partial<RegisterAppVersion>) =>
        client.call('registerAppVersion', { params, body: { platform: 'android', ...body } }),
      upload: (text: string) => client.call('uploadAppFile', { params, body: new Blob([text]) }),
    };
  };
  return {
    first: as(await lab.tokenFor({ repository_id: '4711' })),
    other: as(await lab.tokenFor({ repository_id: '4712' })),
    org: as(lab.tokens.submit),
    known: () => lab.server.as(lab.tokens.submit).call('getAppVersion', { params }),
  };
}

const ofAnother = { code: 'conflict', message: expect.stringContaining('by another repository') };
const url = 'https://example.com/shop.apk';

test('another repository of the org changes nothing of what the first one registered, and adds nothing', async () => {
  const { first, other, known } = await openVersion();
  const registered = await first.register({ url });
  const others: Partial<RegisterAppVersion>[] = [
    { url: 'https://evil.example.com/shop.apk' },
    { package_name: 'com.example.evil' },
    { sha256: hashOf('another build') },
  ];
  for (const body of others) await expect(other.register(body)).rejects.toMatchObject(ofAnother);
  await expect(other.upload('another build')).rejects.toMatchObject(ofAnother);
  expect(await known()).toEqual(registered);
});

test('another repository may say the same of it, and upload the build that was announced', async () => {
  const { first, other, known } = await openVersion();
  await first.register({ url, sha256: hashOf('the build') });
  await other.register({ url, sha256: hashOf('the build') });
  await other.register({});
  await other.upload('the build');
  expect(await known()).toMatchObject({ url, size: 9 });
});

test('the repository itself and a token of the org may change address and package name', async () => {
  const { first, other, org, known } = await openVersion();
  await first.register({ url });
  await first.register({ url: `${url}?2`, package_name: 'com.example.shop' });
  await org.register({ url: `${url}?3` });
  expect(await known()).toMatchObject({ url: `${url}?3`, package_name: 'com.example.shop' });
  // It is still that of the first one.
  await first.register({ url: `${url}?4` });
  await expect(other.register({ url })).rejects.toMatchObject(ofAnother);
});

test('what a token of the org registered no workflow changes', async () => {
  const { first, org, known } = await openVersion();
  await org.register({ url });
  await expect(first.register({ url: `${url}?2` })).rejects.toMatchObject(ofAnother);
  await first.register({ url });
  expect(await known()).toMatchObject({ url });
});
