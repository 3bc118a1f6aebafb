import { expect, test } from 'vitest';
import { allowRepository } from './allowed-repository.ts';

const allowed: [repository: string, pattern: string, protocol: string][] = [
  ['https://github.com/acme/app', 'https://github.com/acme/*', 'https'],
  ['https://github.com/acme/app.git', 'https://github.com/acme/app', 'https'],
  ['https://github.com/acme/app/', 'https://github.com/acme/app.git', 'https'],
  ['https://example.org/a/b/c', 'https://example.org/**', 'https'],
  ['ssh://git@example.org:2222/acme/app', 'ssh://git@example.org:2222/acme/*', 'ssh'],
  ['git@example.org:acme/app.git', 'git@example.org:acme/*', 'ssh'],
  ['file:///srv/git/app', 'file:///srv/git/*', 'file'],
  ['https://example.org/a.b', 'https://example.org/a.b', 'https'],
];

test.each(allowed)('%s is allowed by %s', (repository, pattern, protocol) => {
  expect(allowRepository(repository, ['https://other.example.org/*', pattern])).toEqual({ protocol });
});

const refused: [repository: string, pattern: string][] = [
  ['https://github.com/evil/app', 'https://github.com/acme/*'],
  ['https://github.com/acme/deep/app', 'https://github.com/acme/*'],
  ['https://github.com/acme/../evil/app', 'https://github.com/acme/**'],
  ['https://github.com/acme/%2e%2e/evil', 'https://github.com/acme/**'],
  ['https://github.com.evil.org/acme/app', 'https://github.com/acme/*'],
  ['https://github.com/acme/app?x', 'https://github.com/acme/*'],
  ['https://github.com/acme/app#x', 'https://github.com/acme/*'],
  ['https://github.com/acme/a b', 'https://github.com/acme/*'],
  ['https://github.com/acme/-app', 'https://github.com/acme/*'],
  ['https://user:password@github.com/acme/app', '**'],
  ['git@evil.org:x.example.org:mobile/app', 'git@*.example.org:mobile/**'],
  ['http://github.com/acme/app', 'https://github.com/acme/*'],
  ['https://exampleXorg/a', 'https://example.org/a'],
  ['ext::sh -c touch% x', '**'],
  ['--upload-pack=touch', '**'],
  ['-a@b:c', '**'],
  ['git@example.org:-x', '**'],
  ['/srv/git/app', '**'],
  ['git://example.org/app', '**'],
  ['', '**'],
];

test.each(refused)('%s is refused, though %s is allowed', (repository, pattern) => {
  expect(allowRepository(repository, [pattern])).toEqual({ refused: expect.any(String) });
});
