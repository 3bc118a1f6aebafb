import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../test/support/queue.ts';
import { type ConnectionFlags, findConnection, type Variables } from './config.ts';

const local = 'http://127.0.0.1:8080';
const remote = 'https://qgjob.acme.test';

interface Place {
  readonly flags?: ConnectionFlags;
  readonly env?: Variables;
  /** Files of the current folder by path. */
  readonly files?: Readonly<Record<string, string>>;
}

const dataDir = (folder = '.qgjob', url = local): Record<string, string> => ({
  [`${folder}/server.json`]: JSON.stringify({ url, pid: 1, version: '0.1.0' }),
  [`${folder}/admin.token`]: 'kept-token\n',
});

function find({ flags = {}, env = {}, files = {} }: Place, below = '') {
  const cwd = tempFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(cwd, path, '..'), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
  return findConnection(flags, { env: { HOME: cwd, ...env }, cwd: join(cwd, below) });
}

const everything: Place = {
  flags: { serverUrl: 'https://flag.test', token: 'flag-token' },
  env: { QGJOB_SERVER_URL: 'https://variable.test', QGJOB_TOKEN: 'variable-token' },
  files: { 'qgjob.config.json': '{"server_url": "https://file.test"}', ...dataDir() },
};

describe('server and token are the first that is there', () => {
  test.each<[string, Place, string, string, string, string]>([
    ['flags win over everything', everything, 'https://flag.test', '--server-url', 'flag-token', '--token'],
    [
      'variables win over files',
      { ...everything, flags: {} },
      'https://variable.test',
      'QGJOB_SERVER_URL',
      'variable-token',
      'QGJOB_TOKEN',
    ],
    [
      'qgjob.config.json wins over the data folder, and gets the token of a flag alone',
      { ...everything, flags: { token: 't' }, env: { QGJOB_TOKEN: 'variable-token' } },
      'https://file.test',
      'qgjob.config.json',
      't',
      '--token',
    ],
    [
      'a file of a flag wins over variables, and goes to the server that a file names',
      {
        flags: { tokenFile: 'own.token' },
        env: { QGJOB_TOKEN: 'variable-token' },
        files: { 'own.token': 'file-token\n', 'qgjob.config.json': '{"server_url": "https://file.test"}' },
      },
      'https://file.test',
      'qgjob.config.json',
      'file-token',
      '--token-file',
    ],
    [
      'the token of the variable goes to the server of a flag',
      { ...everything, flags: { serverUrl: 'https://flag.test' } },
      'https://flag.test',
      '--server-url',
      'variable-token',
      'QGJOB_TOKEN',
    ],
    [
      'the server of the folder gets the token of the folder, whatever the variable is for',
      { env: { QGJOB_TOKEN: 'variable-token' }, files: dataDir() },
      local,
      '.qgjob/server.json',
      'kept-token',
      '.qgjob/admin.token',
    ],
    [
      'a base path stays',
      { env: { QGJOB_SERVER_URL: 'https://ci.test/qgjob/', QGJOB_TOKEN: 't' } },
      'https://ci.test/qgjob',
      'QGJOB_SERVER_URL',
      't',
      'QGJOB_TOKEN',
    ],
    [
      'plain http to another machine is allowed by a variable',
      { env: { QGJOB_SERVER_URL: 'http://rack:8080', QGJOB_TOKEN: 't', QGJOB_ALLOW_HTTP: '1' } },
      'http://rack:8080',
      'QGJOB_SERVER_URL',
      't',
      'QGJOB_TOKEN',
    ],
    [
      'or by a flag',
      { flags: { serverUrl: 'http://rack:8080', token: 't', allowHttp: true } },
      'http://rack:8080',
      '--server-url',
      't',
      '--token',
    ],
    [
      'the data folder has both',
      { files: dataDir() },
      local,
      '.qgjob/server.json',
      'kept-token',
      '.qgjob/admin.token',
    ],
    [
      'the data folder is where --data-dir says',
      { flags: { dataDir: 'other' }, files: { ...dataDir(), ...dataDir('other', 'http://127.0.0.1:9090') } },
      'http://127.0.0.1:9090',
      'other/server.json',
      'kept-token',
      'other/admin.token',
    ],
    [
      'the data folder is where QGJOB_DATA_DIR says',
      { env: { QGJOB_DATA_DIR: 'other' }, files: dataDir('other') },
      local,
      'other/server.json',
      'kept-token',
      'other/admin.token',
    ],
    [
      'the folder may serve under a public address',
      { flags: { serverUrl: `${remote}/` }, files: dataDir('.qgjob', remote) },
      remote,
      '--server-url',
      'kept-token',
      '.qgjob/admin.token',
    ],
    [
      'an empty variable is none',
      { env: { QGJOB_SERVER_URL: '', QGJOB_TOKEN: ' ' }, files: dataDir() },
      local,
      '.qgjob/server.json',
      'kept-token',
      '.qgjob/admin.token',
    ],
  ])('%s', (_, place, url, urlFrom, token, tokenFrom) => {
    const isKept = tokenFrom.endsWith('/admin.token');
    expect(find(place)).toEqual({
      ...{ url, urlFrom, token, tokenFrom },
      tokenFile: tokenFrom === '--token-file' ? expect.stringMatching(/\/own\.token$/) : undefined,
      ownDataDir: isKept ? expect.stringContaining(`/${tokenFrom.replace('/admin.token', '')}`) : undefined,
    });
  });
});

describe('what is missing or wrong is said, with what to do', () => {
  test.each<[string, Place, string, RegExp]>([
    ['no server', {}, 'unavailable', /no server found: start one .*--server-url/],
    [
      'no token',
      { flags: { serverUrl: remote } },
      'unauthorized',
      /no token found: sign in with `qgjob login https:\/\/qgjob\.acme\.test`, give --token/,
    ],
    [
      'a token and a file with one',
      { flags: { serverUrl: remote, token: 't', tokenFile: 'own.token' } },
      'invalid',
      /--token-file: give it or --token, not both/,
    ],
    [
      'a file that is not there',
      { flags: { serverUrl: remote, tokenFile: 'own.token' } },
      'invalid',
      /--token-file: .*no such file/,
    ],
    [
      'an empty file',
      { flags: { serverUrl: remote, tokenFile: 'own.token' }, files: { 'own.token': '\n' } },
      'invalid',
      /--token-file: .*own\.token is empty/,
    ],
    [
      'a file in the folder gets no token',
      {
        env: { QGJOB_TOKEN: 't' },
        files: { 'qgjob.config.json': `{"server_url": "${remote}"}`, ...dataDir() },
      },
      'unauthorized',
      /^qgjob\.config\.json names https:\/\/qgjob\.acme\.test, .*set QGJOB_SERVER_URL=https:\/\/qgjob\.acme\.test together with QGJOB_TOKEN/,
    ],
    [
      'not even where it names the server of the folder',
      { files: { 'qgjob.config.json': `{"server_url": "${local}"}`, ...dataDir() } },
      'unauthorized',
      /set QGJOB_SERVER_URL/,
    ],
    [
      'the token of the folder is not sent to a stranger',
      { flags: { serverUrl: remote }, files: dataDir() },
      'unauthorized',
      /no token for https:\/\/qgjob\.acme\.test: give --token .*is for the server of that folder alone/,
    ],
    ...['http://127.0.0.1:9090', 'http://localhost:8080', 'http://[::1]:8080'].map(
      (url): [string, Place, string, RegExp] => [
        `nor to another program of this machine, ${url}`,
        { flags: { serverUrl: url }, files: dataDir() },
        'unauthorized',
        /is for the server of that folder alone/,
      ],
    ),
    [
      'a token without its server',
      {
        env: { QGJOB_TOKEN: 't' },
        files: { '.qgjob/server.json': JSON.stringify({ url: local }) },
      },
      'unauthorized',
      /^QGJOB_TOKEN goes to the server of QGJOB_SERVER_URL alone: set QGJOB_SERVER_URL=http:\/\/127\.0\.0\.1:8080 too/,
    ],
    [
      'plain http to another machine',
      { env: { QGJOB_SERVER_URL: 'http://rack:8080', QGJOB_TOKEN: 't' } },
      'invalid',
      /^QGJOB_SERVER_URL: plain http would .*--allow-http or QGJOB_ALLOW_HTTP=1/,
    ],
    [
      'a password, which is not repeated',
      { flags: { serverUrl: 'https://me:hunter22@rack', token: 't' } },
      'invalid',
      /^(?!.*hunter22)--server-url: must not hold a user/,
    ],
    [
      'a port that nobody calls',
      { flags: { serverUrl: 'http://127.0.0.1:9', token: 't' } },
      'unavailable',
      /^--server-url: port 9 is one that no HTTP client calls/,
    ],
    [
      'no scheme',
      { flags: { serverUrl: 'localhost:8080' } },
      'invalid',
      /--server-url: "localhost:8080" .*http/,
    ],
    ['another scheme', { env: { QGJOB_SERVER_URL: 'ftp://x' } }, 'invalid', /QGJOB_SERVER_URL: "ftp:\/\/x"/],
    [
      'a broken file',
      { files: { 'qgjob.config.json': '{' } },
      'invalid',
      /qgjob\.config\.json: is not a JSON object/,
    ],
    [
      'a file with a key that is not known',
      { files: { 'qgjob.config.json': '{"serverUrl": "https://x.test"}', ...dataDir() } },
      'invalid',
      /qgjob\.config\.json: "serverUrl" is not known; it holds "server_url" alone/,
    ],
    [
      'a file with an address that is no text',
      { files: { 'qgjob.config.json': '{"server_url": 5}', ...dataDir() } },
      'invalid',
      /qgjob\.config\.json: "server_url" must be the server's address/,
    ],
    [
      'a token with a line break',
      { flags: { serverUrl: local, token: 'a\nb' } },
      'unauthorized',
      /--token: holds characters/,
    ],
  ])('%s', (_, place, code, message) => {
    expect(() => find(place)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

test.each([
  ['https://evil.example', 'https://evil.example'],
  ['https://127.0.0.1.evil.example', 'https://127.0.0.1.evil.example'],
])('a folder that came with a checkout sends nothing to %s, unless it is named', (url) => {
  const files = dataDir('.qgjob', url);
  expect(() => find({ files })).toThrow(
    `.qgjob/server.json names ${url}, which is not on this machine: it may have come with the folder`,
  );
  expect(() => find({ files, flags: { token: 'mine' } })).toThrow('it may have come with the folder');
  expect(find({ files, flags: { dataDir: '.qgjob' } })).toMatchObject({ url, token: 'kept-token' });
  expect(find({ files, env: { QGJOB_DATA_DIR: '.qgjob' } })).toMatchObject({ url });
});

test.runIf(process.getuid?.() === 0)(
  'a folder of another user is no server of this one, unless it is named',
  () => {
    const cwd = tempFolder();
    mkdirSync(join(cwd, '.qgjob'));
    for (const [path, text] of Object.entries(dataDir())) writeFileSync(join(cwd, path), text);
    chownSync(join(cwd, '.qgjob/server.json'), 65534, 65534);
    const look = (flags: object) => findConnection(flags, { env: { HOME: cwd }, cwd });
    expect(() => look({})).toThrow('.qgjob/server.json belongs to another user');
    expect(look({ dataDir: '.qgjob' })).toMatchObject({ url: local });
  },
);

test('below the folder of a server, that folder is named and not used', () => {
  expect(() => find({ files: dataDir() }, 'tests/deep')).toThrow(
    /but there is one in \S+: run this there, or give --data-dir=\.\.\/\.\.\/\.qgjob$/,
  );
});

test('damaged profiles are in the way of those alone who need them', () => {
  const files = { '.config/qgjob/profiles.json': '{"main":' };
  expect(find({ files, flags: { serverUrl: remote, token: 't' } })).toMatchObject({
    url: remote,
    token: 't',
  });
  const env = { QGJOB_SERVER_URL: remote, QGJOB_TOKEN: 't' };
  expect(find({ files, env })).toMatchObject({ url: remote, token: 't' });
  const words = /profiles\.json: is not a JSON object; repair or remove it$/;
  expect(() => find({ files })).toThrow(words);
  expect(() => find({ files, flags: { serverUrl: remote } })).toThrow(words);
});
