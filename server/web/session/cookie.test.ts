import { expect, test } from 'vitest';
import { cookieName, cookieOptions } from './cookie.ts';

const key = 'a1'.repeat(32);

test('the cookie of a database has a name of its own, which browsers hold to one host where it goes by https', () => {
  expect(cookieName(key, 'http://lab:8080')).toMatch(/^qgjob_[0-9a-f]{8}$/);
  expect(cookieName(key, 'https://lab')).toBe(`__Host-${cookieName(key, 'http://lab')}`);
  expect(cookieName('a2'.repeat(32), 'http://lab')).not.toBe(cookieName(key, 'http://lab'));
});

test('its name stays what it was, so that a new version of the server signs nobody out', () => {
  expect(cookieName(key, 'http://lab')).toBe('qgjob_8280c2ce');
});

test('scripts do not see it, and over https it goes by https alone', () => {
  expect(cookieOptions('https://lab', '/qgjob')).toEqual({
    ...{ httpOnly: true, sameSite: 'Lax', path: '/', secure: true },
  });
  expect(cookieOptions('http://lab', '/qgjob')).toEqual({ httpOnly: true, sameSite: 'Lax', path: '/qgjob' });
  expect(cookieOptions('http://lab', '')).toEqual({ httpOnly: true, sameSite: 'Lax', path: '/' });
});
