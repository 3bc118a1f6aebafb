import { expect, test } from 'vitest';
import { refuseForeignForm } from './own-form.ts';

const send = (ours: string, headers: Record<string, string>) => () =>
  refuseForeignForm((name) => headers[name], ours);
const lab = 'http://lab:8080';
const secure = 'https://lab';

test.each<[string, string, Record<string, string>]>([
  ['our own page', secure, { 'sec-fetch-site': 'same-origin', origin: secure }],
  ['a person who has typed the address', secure, { 'sec-fetch-site': 'none' }],
  ['our own page, in a browser that says its origin alone', lab, { origin: lab }],
  ['another name of this host', lab, { origin: 'http://10.0.0.2:8080', host: '10.0.0.2:8080' }],
  [
    'another name of this host, in a new browser',
    lab,
    { origin: 'http://x', 'sec-fetch-site': 'same-origin' },
  ],
  ['what is no browser', lab, {}],
  ['what is no browser, by https', secure, {}],
])('a form of %s is taken', (_what, ours, headers) => {
  expect(send(ours, headers)).not.toThrow();
});

const settings =
  'if that is the same, set QGJOB_PUBLIC_URL to the address in the browser; nothing was changed';
test.each<[string, string, Record<string, string>, string]>([
  [
    'another site',
    lab,
    { 'sec-fetch-site': 'cross-site', origin: lab },
    'this form came from a page of another site (cross-site); nothing was changed',
  ],
  [
    'a neighbour of our domain',
    secure,
    { 'sec-fetch-site': 'same-site' },
    'this form came from a page of another site (same-site); nothing was changed',
  ],
  [
    'another origin',
    lab,
    { origin: 'http://evil', host: 'lab:8080' },
    `this form came from http://evil, and this server is ${lab}: ${settings}`,
  ],
  [
    'no origin that is one',
    lab,
    { origin: 'null', host: 'lab:8080' },
    `this form came from null, and this server is ${lab}: ${settings}`,
  ],
  [
    'the same host by http, where it is reached by https',
    secure,
    { origin: 'http://lab', host: 'lab', 'sec-fetch-site': 'same-origin' },
    `this form came from http://lab, and this server is ${secure}: ${settings}`,
  ],
])('a form of %s is refused', (_what, ours, headers, message) => {
  expect(send(ours, headers)).toThrow(expect.objectContaining({ code: 'forbidden', message }));
});
