import { expect, test } from 'vitest';
import { baseEnv } from './child-env.ts';

const host = {
  PATH: '/bin',
  HOME: '/home/me',
  ANDROID_HOME: '/sdk',
  ANDROID_KEYSTORE_PASSWORD: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  BASE_URL: 'http://x',
  QGJOB_TOKEN: 'the-token',
  GITHUB_TOKEN: 'x',
};

test('tests see a list of names, and no pattern that could let a secret through', () => {
  expect(Object.keys(baseEnv(host, [], 'the-token'))).toEqual(['PATH', 'HOME', 'ANDROID_HOME', 'CI']);
});

test('the configuration may name more, but not the token, under whatever name it is', () => {
  const env = baseEnv({ ...host, OTHER: 'a the-token b' }, ['BASE_URL', 'QGJOB_TOKEN', 'OTHER'], 'the-token');
  expect(env).toMatchObject({ BASE_URL: 'http://x' });
  expect(JSON.stringify(env)).not.toContain('the-token');
});
