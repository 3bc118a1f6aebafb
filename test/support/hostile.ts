// What means something in Markdown, in HTML, to GitHub or to a terminal.
export const hostile = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '</details></td></table><h1>all passed</h1>',
  '[link](https://evil.example) ![i](https://evil.example/i.png)',
  '<https://evil.example> https://evil.example www.evil.example mail@evil.example',
  '@octocat @acme/everyone #1 acme/app#2 GH-3',
  '| a | b |\n|---|---|\n| c | d |',
  '# heading\n\n- list\n\n> quote\n\n---',
  '```\n</code></pre>\n``` ~~~ ````',
  '<!-- qgjob:report --> --> <!--',
  '[x]: https://evil.example "t"\n[x]',
  '- [x] done ~~gone~~ **bold** _under_ `code` $\\alpha$ :tada: [^1]',
  '&lt;b&gt; &#60;b&#62; &amp; \\<b>',
  '\u001b[31mred\u001b[0m \u202egnp.exe \u0000\u0007',
  '::error::x ##[error]x',
];

// The elements that a summary may have.
export const allowedElements = new Set(
  'h3 p a table thead tbody tr th td strong em details summary pre code br sup'.split(' '),
);

/** A name that no other has. */
export const hostileName = (index: number): string => `${index} ${hostile[index % hostile.length]}`;
