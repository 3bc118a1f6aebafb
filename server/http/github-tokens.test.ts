import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { app, audience, minuteMs, useSignInLab } from '../../test/support/sign-in-lab.ts';
import { expectRefusal } from '../../test/support/world.ts';

const lab = useSignInLab();

/** A token that is put together by hand, which a library would not sign. */
function forged(header: object, claims: object, signature: (text: string) => string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${signature(text)}`;
}
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
const headerOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string };

const wrongTokens: Record<string, () => Promise<string> | string> = {
  'of another issuer': () => lab.issuer.token(audience, { claims: { iss: 'https://issuer.example.com' } }),
  'of an issuer whose address only begins alike': () =>
    lab.issuer.token(audience, { claims: { iss: `${lab.issuer.url}.example.com` } }),
  'for another audience': () => lab.issuer.token('https://other.example.com'),
  'for the audience with the path of the server': () => lab.issuer.token(`${audience}/qgjob`),
  'for the default audience of GitHub': () => lab.issuer.token('https://github.com/acme'),
  'without an audience': () => lab.issuer.token(audience, { claims: { aud: undefined } }),
  'for a list of audiences': () =>
    lab.issuer.token(audience, { claims: { aud: ['https://other.example.com', audience] } }),
  'for a list of our audience alone': () => lab.issuer.token(audience, { claims: { aud: [audience] } }),
  'with the algorithm none': async () =>
    forged({ alg: 'none', typ: 'JWT' }, claimsOf(await lab.issuer.token(audience)), () => ''),
  'by HS256 with the public key as its secret': async () => {
    const token = await lab.issuer.token(audience);
    const secret = await lab.issuer.publicKey();
    return forged({ alg: 'HS256', typ: 'JWT', kid: headerOf(token).kid }, claimsOf(token), (text) =>
      createHmac('sha256', secret).update(text).digest('base64url'),
    );
  },
  'with another algorithm of the same key': async () => {
    const token = await lab.issuer.token(audience);
    return forged({ ...headerOf(token), alg: 'RS512' }, claimsOf(token), (text) =>
      sign('RSA-SHA512', Buffer.from(text), strangersKey()).toString('base64url'),
    );
  },
  'by a key of a stranger under the name of the known one': async () => {
    const token = await lab.issuer.token(audience);
    return forged(headerOf(token), claimsOf(token), signedByStranger);
  },
  'by a key that its own header brings': async () => {
    const token = await lab.issuer.token(audience);
    const jwk = strangersKey().export({ format: 'jwk' });
    const header = { alg: 'RS256', jwk: { kty: jwk.kty, n: jwk.n, e: jwk.e }, kid: 'own' };
    return forged(header, claimsOf(token), signedByStranger);
  },
  'with changed claims': async () => {
    const [header, , signature] = (await lab.issuer.token(audience)).split('.');
    const claims = { ...claimsOf(await lab.issuer.token(audience)), repository_id: '4712' };
    return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
  },
  'that expired a minute ago': () => lab.issuer.token(audience, { claims: { exp: lab.seconds(-minuteMs) } }),
  'that never expires': () => lab.issuer.token(audience, { claims: { exp: undefined } }),
  'that is not good yet': () => lab.issuer.token(audience, { claims: { nbf: lab.seconds(minuteMs + 1000) } }),
  'that was made in the future': () =>
    lab.issuer.token(audience, { claims: { iat: lab.seconds(minuteMs + 1000) } }),
  'that is older than ten minutes': () =>
    lab.issuer.token(audience, {
      claims: { iat: lab.seconds(-11 * minuteMs - 1000), exp: lab.seconds(minuteMs) },
    }),
  'of a clock that is 5 minutes behind': () =>
    lab.issuer.token(audience, {
      claims: { iat: lab.seconds(-5 * minuteMs - 61_000), exp: lab.seconds(-61_000) },
    }),
  'of a clock that is 5 minutes ahead': () =>
    lab.issuer.token(audience, {
      claims: {
        iat: lab.seconds(5 * minuteMs),
        nbf: lab.seconds(5 * minuteMs),
        exp: lab.seconds(10 * minuteMs),
      },
    }),
  'without an id of its own': () => lab.issuer.token(audience, { claims: { jti: undefined } }),
  'with an id of its own that is no text': () => lab.issuer.token(audience, { claims: { jti: 7 } }),
  'without the id of the repository': () =>
    lab.issuer.token(audience, { claims: { repository_id: undefined } }),
  'with the id of the repository as a number': () =>
    lab.issuer.token(audience, { claims: { repository_id: 4711 } }),
  'with a list of repositories': () => lab.issuer.token(audience, { claims: { repository_id: ['4711'] } }),
  'of another service that has only a subject': () =>
    forged({ alg: 'RS256' }, { sub: 'repo:acme/app:ref:refs/heads/main' }, () => 'AAAA'),
  'that is no JSON Web Token': () => 'qgj_sub_not-of-github',
};

/** Why each of them is refused: for what it tries, and not for something else. */
const reasons: Record<string, string> = {
  'of another issuer': 'its issuer is not',
  'of an issuer whose address only begins alike': 'its issuer is not',
  'for another audience': 'its audience is "https://other.example.com"',
  'for the audience with the path of the server': 'its audience is "https://ci.example.com/qgjob"',
  'for the default audience of GitHub': 'its audience is "https://github.com/acme"',
  'without an audience': 'its audience is a list or missing',
  'for a list of audiences': 'its audience is a list or missing',
  'for a list of our audience alone': 'its audience is a list or missing',
  'with the algorithm none': 'it is not signed by RS256',
  'by HS256 with the public key as its secret': 'it is not signed by RS256',
  'with another algorithm of the same key': 'it is not signed by RS256',
  'by a key of a stranger under the name of the known one': 'its signature is wrong',
  'by a key that its own header brings': 'has no such key',
  'with changed claims': 'its signature is wrong',
  'that expired a minute ago': 'it has expired',
  'that never expires': 'its claim exp is missing or wrong',
  'that is not good yet': 'it is not good yet',
  'that was made in the future': 'it was made in the future',
  'that is older than ten minutes': 'it was made more than ten minutes ago',
  'of a clock that is 5 minutes behind': 'it has expired',
  'of a clock that is 5 minutes ahead': 'it is not good yet',
  'without an id of its own': 'its claim jti is missing or wrong',
  'with an id of its own that is no text': 'its claim jti is missing or not',
  'without the id of the repository': 'its claim repository_id is missing or not',
  'with the id of the repository as a number': 'its claim repository_id is missing or not',
  'with a list of repositories': 'its claim repository_id is missing or not',
  'of another service that has only a subject': 'its signature is wrong',
  'that is no JSON Web Token': 'it is no signed JSON Web Token',
};

let stranger: KeyObject | undefined;
const strangersKey = (): KeyObject => {
  stranger ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  return stranger;
};
const signedByStranger = (text: string): string =>
  sign('RSA-SHA256', Buffer.from(text), strangersKey()).toString('base64url');

describe('a token', () => {
  test.each(Object.keys(wrongTokens))('%s is refused', async (name) => {
    const before = lab.signIns();
    const answer = await lab.exchange((await wrongTokens[name]?.()) ?? '');
    expectRefusal(answer, 401, 'unauthorized');
    expect(answer.json.error.message).toMatch(/^GitHub's OIDC token is refused: /);
    expect(answer.json.error.message).toContain(reasons[name]);
    expect(lab.signIns()).toBe(before);
  });

  test.each([
    ['expired', { exp: -59_000 }],
    ['not good yet', { nbf: 59_000, iat: 59_000 }],
    ['older than ten minutes', { iat: -10 * minuteMs - 59_000 }],
  ])('%s by less than a minute is taken: clocks differ', async (_, times) => {
    const claims = Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, lab.seconds(ms)]));
    expect((await lab.signIn({ claims })).status).toBe(201);
  });

  test('that the clock of the server refuses is refused with the time of that clock', async () => {
    const late = await lab.exchange((await wrongTokens['of a clock that is 5 minutes behind']?.()) ?? '');
    expect(late.json.error.message).toContain(
      `the clock of this server says ${new Date(lab.now).toISOString()}`,
    );
  });

  test('for another audience is refused with the one that it needs', async () => {
    const { json } = await lab.exchange(await lab.issuer.token('https://other.example.com'));
    expect(json.error.message).toContain(
      '"https://other.example.com", and this server takes https://ci.example.com alone',
    );
  });

  test('larger than any of GitHub is refused unread', async () => {
    const answer = await lab.exchange('x'.repeat(40_000));
    expectRefusal(answer, 413, 'too_large');
    expectRefusal(await lab.exchange('x'.repeat(17_000)), 400, 'invalid');
  });
});

describe('an OIDC token that was exchanged', () => {
  const replay = /was exchanged before/;

  test('is refused the second time', async () => {
    const token = await lab.issuer.token(audience);
    expect((await lab.exchange(token)).status).toBe(201);
    const again = await lab.exchange(token);
    expectRefusal(again, 401, 'unauthorized');
    expect(again.json.error.message).toMatch(replay);
  });

  test('is refused after a restart of the server', async () => {
    const token = await lab.issuer.token(audience);
    expect((await lab.exchange(token)).status).toBe(201);
    await lab.server.close();
    lab.server = await lab.open(undefined, lab.server.dataDir);
    const again = await lab.exchange(token);
    expectRefusal(again, 401, 'unauthorized');
    expect(again.json.error.message).toMatch(replay);
  });

  test('gives one token to two that come at once', async () => {
    const token = await lab.issuer.token(audience);
    const answers = await Promise.all([lab.exchange(token), lab.exchange(token), lab.exchange(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401, 401]);
  });

  test('is refused as long as its time could still let it in', async () => {
    const claims = { iat: lab.seconds(minuteMs), nbf: lab.seconds(0), exp: lab.seconds(24 * 60 * minuteMs) };
    const token = await lab.issuer.token(audience, { claims });
    expect((await lab.exchange(token)).status).toBe(201);
    lab.now += 12 * minuteMs;
    await lab.signIn();
    expect((await lab.exchange(token)).json.error.message).toMatch(replay);
    lab.now += minuteMs;
    expect((await lab.exchange(token)).json.error.message).toMatch(/more than ten minutes ago/);
  });

  test('is forgotten a day after the token that it gave has ended', async () => {
    await lab.signIn();
    lab.now += 25 * 60 * minuteMs + 1;
    await lab.signIn();
    expect(lab.signIns()).toBe(1);
  });

  test('that was refused by the policy is good once an operator has allowed it', async () => {
    await lab.bind([]);
    const token = await lab.issuer.token(audience);
    expectRefusal(await lab.exchange(token), 403, 'forbidden');
    await lab.bind([app]);
    expect((await lab.exchange(token)).status).toBe(201);
  });
});

describe('the keys of the issuer', () => {
  test('are read once for many tokens, and again after ten minutes', async () => {
    const before = lab.issuer.reads;
    for (let n = 0; n < 5; n += 1) await lab.signIn();
    expect(lab.issuer.reads - before).toBe(1);
    lab.now += 10 * minuteMs;
    await lab.signIn();
    expect(lab.issuer.reads - before).toBe(2);
  });

  test('that no token knew before are read at once, but once in 30 seconds', async () => {
    await lab.signIn();
    lab.now += 30_000;
    await lab.issuer.rotate();
    const before = lab.issuer.reads;
    expect((await lab.signIn()).status).toBe(201);
    for (let n = 0; n < 20; n += 1) await lab.signIn({ header: { kid: randomUUID() } });
    expect(lab.issuer.reads - before).toBe(1);
    lab.now += 30_000;
    const many = Array.from({ length: 20 }, () => lab.signIn({ header: { kid: randomUUID() } }));
    for (const answer of await Promise.all(many)) expectRefusal(answer, 401, 'unauthorized');
    expect(lab.issuer.reads - before).toBe(2);
  });

  test('are kept while the issuer is away, for a day', async () => {
    await lab.signIn();
    lab.issuer.isAway = true;
    const before = lab.issuer.reads;
    lab.now += 23 * 60 * minuteMs;
    for (let n = 0; n < 5; n += 1) expect((await lab.signIn()).status).toBe(201);
    expect(lab.issuer.reads - before).toBe(1);
    lab.now += 2 * 60 * minuteMs;
    expectRefusal(await lab.signIn(), 503, 'unavailable');
    lab.issuer.isAway = false;
    lab.now += 30_000;
    expect((await lab.signIn()).status).toBe(201);
  });

  test('that could never be read are tried again after 5 seconds', async () => {
    const other = await lab.open();
    onTestFinished(() => other.close());
    const ask = async () =>
      other.ask('signInByGithub', { token: null, body: { token: await lab.issuer.token(audience) } });
    lab.issuer.isAway = true;
    const before = lab.issuer.reads;
    for (let n = 0; n < 5; n += 1) expectRefusal(await ask(), 503, 'unavailable');
    expect(lab.issuer.reads - before).toBe(1);
    lab.issuer.isAway = false;
    lab.now += 5000;
    // Nothing is bound there.
    expectRefusal(await ask(), 403, 'forbidden');
  });
});

test('a second server of the same issuer takes no token that was made for the first', async () => {
  const other = await lab.open('https://other.example.com');
  onTestFinished(() => other.close());
  await other.client.call('createOrg', { body: { org_id: 'acme' } });
  await other.client.call('setGithub', { params: { id: 'acme' }, body: [app] });
  const ask = async (wanted: string) =>
    other.ask('signInByGithub', { token: null, body: { token: await lab.issuer.token(wanted) } });
  expectRefusal(await ask(audience), 401, 'unauthorized');
  expect((await ask('https://other.example.com')).status).toBe(201);
});
