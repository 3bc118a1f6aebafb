import { expect, test } from 'vitest';
import { renderGfm } from '../test/support/gfm.ts';
import { escapeMarkdown, link, preformatted } from './markdown.ts';

test.each([
  ['a|b', 'a&#124;b'],
  ['a\\|b', 'a&#92;&#124;b'],
  ['[x](https://e.example)', '&#91;x&#93;(https&#58;//e.example)'],
  ['![i](x)', '&#33;&#91;i&#93;(x)'],
  ['<img src=x onerror=y>', '&#60;img src=x onerror=y&#62;'],
  ['<!-- -->', '&#60;&#33;-- --&#62;'],
  ['@octocat', '&#64;&#8203;octocat'],
  ['owner/repo#12;', 'owner/repo&#35;&#8203;12;'],
  ['&lt;', '&#38;lt;'],
  ['`a` *b* _c_ ~d~ $e$', '&#96;a&#96; &#42;b&#42; &#95;c&#95; &#126;d&#126; &#36;e&#36;'],
  ['www.evil.example', 'www&#46;evil.example'],
  ['a\nb | c', 'a b &#124; c'],
  ['0f9b2c4d6e8a0f9b2c4d6e8a0f9b2c4d0f9b2c4d', '0f9b&#8203;2c4d6e8a0f9b2c4d6e8a0f9b2c4d0f9b2c4d'],
  ['4f1a9c02be77', '4f1a9c02be77'],
  [':tada: and :+1:', '&#58;&#8203;tada: and &#58;&#8203;+1:'],
  ['a.ts:12:3 at 12:30:45', 'a.ts:12:3 at 12:30:45'],
  ['tests/on-boarding.spec.ts', 'tests/on-boarding.spec.ts'],
])('%j is shown as it is and does nothing', (text, escaped) => {
  expect(escapeMarkdown(text)).toBe(escaped);
});

test('preformatted text keeps its form, and nothing in it is Markdown or HTML', () => {
  const text = 'a\n\n  b_c_\n```\n</pre><img src=x onerror=y>\n[a](javascript:1) @acme/team &lt;';
  const { html, elements, addresses, references } = renderGfm(`x\n\n${preformatted(text, 200)}\n\ny`);
  expect([...elements]).toEqual(['p', 'pre']);
  expect([addresses, references]).toEqual([[], []]);
  const shown = html.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
  expect(shown).toContain(`<pre>${text}</pre>`);
  expect(preformatted('@acme', 20)).toBe('<pre>&#64;acme</pre>');
  expect(preformatted('abcdef', 4)).toBe('<pre>abc…</pre>');
});

test('preformatted text that is all special is no longer than other text', () => {
  const written = preformatted('<'.repeat(100_000), 4000);
  expect(written.length).toBeLessThanOrEqual(4000 + '<pre></pre>'.length);
  expect(written.length).toBeGreaterThan(3900);
  expect(written).toMatch(/&#60;…<\/pre>$/);
});

test('only an address of the web becomes a link', () => {
  expect(link('x', 'https://a.example/"><b>?a=1&b=2')).toBe(
    '<a href="https://a.example/%22%3E%3Cb%3E?a=1&amp;b=2">x</a>',
  );
  for (const address of ['javascript:alert(1)', 'nonsense', '']) expect(link('x', address)).toBe('x');
});
