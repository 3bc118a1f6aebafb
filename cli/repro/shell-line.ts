import { relative } from 'node:path';
import { leadsOut } from '../../client/path-inside.ts';
import { isPlainName } from '../../protocol/clean-text.ts';
import { quote } from '../completion/quote.ts';

/** A program to run in a folder, with variables of its own. */
export interface ShellStep {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly own: Readonly<Record<string, string>>;
}

const isPlain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** Nothing in it reaches the terminal as a control character, nor ends the line. */
function word(text: string): string {
  if (isPlain.test(text)) return text;
  if (isPlainName(text)) return quote(text);
  const bytes = [...Buffer.from(text)].map((byte) =>
    byte < 0x20 || byte > 0x7e || [0x25, 0x27, 0x5c].includes(byte)
      ? `\\${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte),
  );
  return `"$(printf '${bytes.join('')}')"`;
}

/** A step as a line for a POSIX shell: `cd qgjob-repro/job_1/source && CI=1 QGJOB_TEST=a.spec.ts npx …`. */
export function shellLine({ argv, cwd, own }: ShellStep): string {
  const variables = Object.entries(own).map(([name, value]) => `${name}=${value === '' ? '' : word(value)}`);
  const way = relative(process.cwd(), cwd);
  const cd = way === '' ? [] : [`cd ${word(leadsOut(way) ? cwd : way)} &&`];
  return [...cd, ...variables, ...argv.map(word)].join(' ');
}
