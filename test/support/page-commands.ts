/** A terminal of a page: one fenced block, which starts in the folder that the page starts in. */
export type Terminal = readonly PageCommand[];

export interface PageCommand {
  /** As it is written, without its comment. */
  readonly line: string;
  /** The lines that the page shows as its output; none where it shows no output. */
  readonly shown: readonly string[];
  /** True for the first of a block before which the page says to stop what runs, with Ctrl-C. */
  readonly isAfterCtrlC: boolean;
}

/** The blocks of a page that hold commands: `console` with `$ ` before each command and its output below, others bare. */
export const readTerminals = (page: string): Terminal[] =>
  [...page.matchAll(/(.*?)^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, , kind = '']) => ['', 'sh', 'console'].includes(kind))
    .map(([, prose = '', kind, text = '']) => {
      const lines = kind === 'console' ? readConsole(text) : readLines(text);
      const isAfterCtrlC = /\bstop\b[^.]*\bCtrl-C\b/i.test(prose);
      return lines.map((line, index) => ({ ...line, isAfterCtrlC: isAfterCtrlC && index === 0 }));
    })
    .filter(({ length }) => length > 0);

type Line = Omit<PageCommand, 'isAfterCtrlC'>;

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

/** A comment begins two blanks or more behind the command. */
const withoutComment = (line: string): string => line.replace(/ {2,}#.*$|^#.*$/, '').trim();

const readLines = (text: string): Line[] =>
  linesOf(text)
    .map(withoutComment)
    .filter(Boolean)
    .map((line) => ({ line, shown: [] }));

function readConsole(text: string): Line[] {
  const commands: { line: string; shown: string[] }[] = [];
  for (const line of linesOf(text)) {
    if (line.startsWith('$ ')) commands.push({ line: withoutComment(line.slice(2)), shown: [] });
    else commands.at(-1)?.shown.push(line);
  }
  return commands;
}

/** What differs from run to run: ids, hashes, times, sizes, counts of installs, addresses, the name of the host. */
const changing: readonly [RegExp, string][] = [
  [/\b(run|job)_[0-9a-f]+/g, '$1_ID'],
  [/\btoken [0-9a-f]{24}\b/, 'token ID'],
  [/\bsource [0-9a-f]{12}: .*$/, 'source SHA'],
  [/\d+(\.\d+)?( m \d\d)? ?(ms|s)\b/g, 'TIME'],
  [/\b\d+ installs?\b/g, 'N installs'],
  [/:\d{4,5}$/, ':PORT'],
  [/^agent \S+ serves/, 'agent HOST serves'],
  [/ {2,}/g, '  '],
];

const settled = (line: string): string =>
  changing.reduce((text, [pattern, word]) => text.replace(pattern, word), line.trim());

/** The lines that a page shows and a command did not print. `…` is whatever is left out, also the rest of a line. */
export function notPrinted(shown: readonly string[], output: string): string[] {
  const lines = output.split('\n').map(settled);
  return shown.filter((line) => {
    if (line.trim() === '…') return false;
    const [begin = '', rest] = settled(line).split('…');
    return !lines.some((one) => (rest === undefined ? one === begin : one.startsWith(begin.trim())));
  });
}
