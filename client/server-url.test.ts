import { describe, expect, test } from 'vitest';
import { checkServerUrl } from './server-url.ts';

const check = (text: string, allowHttp = false) =>
  checkServerUrl(text, { from: '--server-url', allowHttp, allowHttpBy: '--allow-http' });

describe("a server's address", () => {
  test.each([
    ['https://ci.example.com', 'https://ci.example.com'],
    ['https://ci.example.com/', 'https://ci.example.com'],
    ['https://ci.example.com/qgjob//', 'https://ci.example.com/qgjob'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://localhost:8080/', 'http://localhost:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['HTTPS://CI.example.com:443/x', 'https://ci.example.com/x'],
  ])('%s is %s', (text, expected) => {
    expect(check(text)).toBe(expected);
  });

  test.each([
    ['ci.example.com', 'is not a server'],
    ['ftp://ci.example.com', 'is not a server'],
    ['https://', 'is not a server'],
    ['https://ci.example.com?x=1', 'must not hold a ?'],
    ['http://127.0.0.1:6000', 'port 6000'],
    ['http://ci.example.com', '--allow-http'],
    ['http://127.0.0.1.example.com', '--allow-http'],
    ['http://10.0.0.7:8080', '--allow-http'],
  ])('%s is refused: %s', (text, words) => {
    expect(() => check(text)).toThrow(words);
  });

  test('plain http to another host needs a word', () => {
    expect(check('http://server:8080', true)).toBe('http://server:8080');
  });

  test.each(['https://me:hunter22@ci.example.com', 'https//me:hunter22@ci.example.com', 'me:hunter22@ci'])(
    '%s is refused without its password',
    (text) => {
      expect(() => check(text)).toThrow(/^(?!.*hunter22)/s);
    },
  );
});
