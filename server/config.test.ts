import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blobPlaceOf, isShared } from './blob-settings.ts';
import { basePath, huntPauseOf, readConfig } from './config.ts';
import { databasePlace } from './database-settings.ts';

test('a server needs no setting', () => {
  expect(readConfig({}, {})).toEqual({
    host: '127.0.0.1',
    port: 8080,
    data_dir: '.qgjob',
    log_level: 'info',
    lease_ttl_ms: 60_000,
    github_api_url: 'https://api.github.com',
    heartbeat_ms: 15_000,
    max_bad_tokens: 20,
    max_token_days: 365,
    max_requests_per_org: 500,
    max_retries: 3,
    retention_days: 30,
    audit_days: 400,
    quarantine_hunt_hours: 24,
    default_target: 'emulator',
    min_free_bytes: 512 * 1024 ** 2,
    events_interval_ms: 250,
    oidc_issuer: 'https://token.actions.githubusercontent.com',
  });
});

test.each([
  'https://ghes.example.com/_services/token',
  'http://127.0.0.1:4000',
  'http://[::1]:4000',
  'http://localhost:4000',
])('%s may be the issuer of OIDC tokens', (issuer) => {
  expect(readConfig({ oidc_issuer: issuer }, {}).oidc_issuer).toBe(issuer);
});

describe('the port is said', () => {
  test.each([
    ['by the flag', { port: '81' }, { QGJOB_PORT: '2', PORT: '3' }, 81],
    ['by the variable', {}, { QGJOB_PORT: '2', PORT: '3' }, 2],
    ['by PORT', {}, { PORT: '3' }, 3],
    ['by PORT where the variable is empty', { port: '' }, { QGJOB_PORT: '', PORT: '3' }, 3],
    ['to be a free one', { port: '0' }, {}, 0],
  ])('%s', (_, flags, env, port) => {
    expect(readConfig(flags, env).port).toBe(port);
  });
});

describe('S3', () => {
  const all = {
    QGJOB_S3_ENDPOINT: 'https://s3.eu-west-1.amazonaws.com/',
    QGJOB_S3_BUCKET: 'evidence',
    QGJOB_S3_ACCESS_KEY_ID: 'id',
    QGJOB_S3_SECRET_ACCESS_KEY: 'secret',
  };

  test('is where the blobs are once its settings are there', () => {
    const config = readConfig({ s3_prefix: '/team/' }, all);
    expect(blobPlaceOf(config)).toEqual({
      folder: resolve('.qgjob/blobs'),
      isShared: false,
      s3: {
        endpoint: 'https://s3.eu-west-1.amazonaws.com',
        ...{ region: undefined, bucket: 'evidence', prefix: 'team/' },
        ...{ accessKeyId: 'id', secretAccessKey: 'secret' },
      },
    });
    expect(isShared(config)).toBe(true);
  });

  test.each([
    [{ QGJOB_S3_BUCKET: '' }, 'QGJOB_S3_BUCKET: not set, but QGJOB_S3_ENDPOINT is; S3 needs'],
    [{ QGJOB_S3_ENDPOINT: '' }, 'QGJOB_S3_ENDPOINT: not set, but QGJOB_S3_BUCKET is'],
    [
      { QGJOB_S3_ENDPOINT: '', QGJOB_S3_SECRET_ACCESS_KEY: '' },
      'QGJOB_S3_ENDPOINT, QGJOB_S3_SECRET_ACCESS_KEY: not set',
    ],
    [{ QGJOB_BLOB_DIR: '/srv/blobs' }, 'QGJOB_BLOB_DIR: leave it out, QGJOB_S3_ENDPOINT says that S3'],
    [{ QGJOB_S3_ENDPOINT: 's3.amazonaws.com' }, 'QGJOB_S3_ENDPOINT=s3.amazonaws.com: give the address'],
    [{ QGJOB_S3_ENDPOINT: 'https://s3.example.com/evidence' }, 'give the address of an S3 endpoint, without'],
    [{ QGJOB_S3_BUCKET: 'a/b' }, 'QGJOB_S3_BUCKET=a/b: give the name of a bucket'],
    [{ QGJOB_S3_PREFIX: '../x' }, 'QGJOB_S3_PREFIX=../x: give a name'],
  ])('with %o is refused', (env, message) => {
    expect(() => readConfig({}, { ...all, ...env })).toThrow(message);
  });

  test('is not needed to share blobs: a folder that is named does', () => {
    expect(isShared(readConfig({}, {}))).toBe(false);
    const config = readConfig({ blob_dir: '/srv/blobs' }, {});
    expect([isShared(config), blobPlaceOf(config)]).toEqual([true, { folder: '/srv/blobs', isShared: true }]);
  });
});

describe('a bad setting is refused by the name under which it was given', () => {
  const whole = 'give a whole number from 0 to 65535';
  test.each([
    [{ port: 'http' }, {}, `--port=http: ${whole}`],
    [{ port: '65536' }, {}, `--port=65536: ${whole}`],
    [{ port: '-1' }, {}, `--port=-1: ${whole}`],
    [{ port: ' ' }, {}, `--port= : ${whole}`],
    [{ port: '0x50' }, {}, `--port=0x50: ${whole}`],
    [{}, { PORT: '80a' }, `PORT=80a: ${whole}`],
    [{}, { QGJOB_MAX_RETRIES: '21' }, 'QGJOB_MAX_RETRIES=21: give a whole number from 0 to 20'],
    [{ max_retries: '1.5' }, {}, '--max-retries=1.5: give a whole number from 0 to 20'],
    [{ log_level: 'loud' }, {}, '--log-level=loud: Invalid option: expected one of "trace"|"debug"'],
    [{ default_target: 'toaster' }, {}, '--default-target=toaster: unknown target "toaster"'],
    [
      { database_url: 'postgres://x' },
      {},
      '--database-url=postgres://x: give file:PATH, or the address of a',
    ],
    [{ database_url: 'wss://x' }, {}, '--database-url=wss://x: give file:PATH, or the address'],
    [{ database_url: 'http://' }, {}, '--database-url=http://: give file:PATH, or the address'],
    [{ database_url: 'file:' }, {}, '--database-url=file:: give file:PATH, or the address'],
    [
      { database_url: 'https://db.example' },
      {},
      'needs a store of blobs (logs, artifacts, bundles, apps) that',
    ],
    [{ events_interval_ms: '5' }, {}, '--events-interval-ms=5: give a whole number from 20 to 60000'],
    [{ public_url: 'qgjob.example' }, {}, '--public-url=qgjob.example: give an address like'],
    [{ public_url: 'javascript:alert(1)' }, {}, 'give an address like'],
    [{ public_url: 'https://a.example/ci?x=1' }, {}, '--public-url: give an address like'],
    [{ public_url: 'https://a.example/ci#x' }, {}, '--public-url: give an address like'],
    [{ public_url: 'https://a.example//ci' }, {}, 'give an address like'],
    [{ public_url: 'https://a.example:6000' }, {}, 'give an address like'],
    [{ port: '6000' }, {}, '--port=6000: browsers and fetch refuse to call this port; choose another'],
    [{}, { PORT: '10080' }, 'PORT=10080: browsers and fetch refuse'],
    [{ database_url: 'file://host/q.db' }, {}, '--database-url=file://host/q.db: give file:PATH'],
    [{ allowed_origins: 'https://a.example, b' }, {}, 'give origins like https://ci.example.com'],
    [{ oidc_issuer: 'http://ghes.example.com' }, {}, 'give the address of an OIDC issuer'],
    [{ oidc_issuer: 'http://127.0.0.1.example.com' }, {}, 'give the address of an OIDC issuer'],
    [{ oidc_issuer: 'https://ghes.example.com/' }, {}, 'give the address of an OIDC issuer'],
    [{ oidc_issuer: 'https://a@ghes.example.com' }, {}, 'give the address of an OIDC issuer'],
    [{ lease_ttl_ms: '20000' }, {}, 'QGJOB_HEARTBEAT_MS: must be at most half of QGJOB_LEASE_TTL_MS'],
  ])('%o %o', (flags, env, message) => {
    expect(() => readConfig(flags, env)).toThrow(message);
  });
});

test.each([
  { public_url: 'https://me:hunter2@ci.example' },
  { public_url: 'https://me:hunter2@ci.example/qgjob' },
  { database_url: 'libsql://me:hunter2@db.example' },
  { database_url: 'libsql://db.example?authToken=hunter2' },
  { database_url: 'file://me:hunter2@host/q.db' },
  { allowed_origins: 'https://a.example,https://me:hunter2@b.example' },
  { allowed_origins: 'https://me:hunter2%40b.example' },
])('what may hold a password is not repeated: %j', (flags) => {
  const refuse = () => readConfig(flags, {});
  expect(refuse).toThrow(/^--(public-url|database-url|allowed-origins): /);
  expect(refuse).not.toThrow(/hunter2/);
});

test.each([
  ['https://ci.example', ''],
  ['https://ci.example/', ''],
  ['https://ci.example/qgjob', '/qgjob'],
  ['https://ci.example:8443/tools/qgjob/', '/tools/qgjob'],
  [undefined, ''],
])('the public URL %s has the base path "%s"', (url, path) => {
  const config = readConfig({ public_url: url }, {});
  expect(config.public_url).toBe(url?.replace(/\/$/, ''));
  expect(basePath(config)).toBe(path);
});

test('links begin with the public URL as it is given, but for slashes at its end', () => {
  expect(readConfig({ public_url: 'https://ci.example:8443/' }, {}).public_url).toBe(
    'https://ci.example:8443',
  );
});

test('origins are separated by commas and blanks', () => {
  const { allowed_origins: origins } = readConfig(
    { allowed_origins: 'https://a.example,  http://b:3000 ' },
    {},
  );
  expect(origins).toEqual(['https://a.example', 'http://b:3000']);
});

test.each([
  [undefined, '.qgjob/qgjob.db'],
  ['file:data/q.db', 'data/q.db'],
  ['file:/var/q.db', '/var/q.db'],
  ['file:///var/q.db', '/var/q.db'],
  ['file:/var/a%20b/#1?x=y/q.db', '/var/a%20b/#1?x=y/q.db'],
])('the database %s is the file %s', (url, file) => {
  expect(databasePlace(readConfig({ database_url: url }, {}))).toBe(file);
});

test.each(['libsql://qgjob-acme.turso.io', 'https://db.example/v/1', 'http://127.0.0.1:8081'])(
  'the database %s is a libSQL server with a token of its own',
  (url) => {
    const config = readConfig(
      { database_url: url, blob_dir: '/srv/qgjob' },
      { QGJOB_DATABASE_AUTH_TOKEN: 'secret' },
    );
    expect(databasePlace(config)).toEqual({ url, authToken: 'secret' });
  },
);

test.each([
  ['24', 86_400_000],
  ['1', 3_600_000],
  ['0', undefined],
])('with %s hours a quarantined test is hunted again after %s ms', (hours, ms) => {
  expect(huntPauseOf(readConfig({ quarantine_hunt_hours: hours }, {}))).toBe(ms);
});
