import { relative } from 'node:path';
import { leadsOut } from '../../client/path-inside.ts';
import { environment } from '../config.ts';
import { shellWord } from '../output/shell-word.ts';

/** A program to run in a folder, with variables of its own. */
export interface ShellStep {
  readonly name: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly own: Readonly<Record<string, string>>;
}

/** What of the person's own environment is kept from a program, and from a line that shows it. */
export interface Private {
  readonly token: string;
  /** Variables with params that the server has withheld. */
  readonly withheld: readonly string[];
}

/** The step as it may be seen: a withheld param is named, without its value. */
export function hide<S extends ShellStep>(step: S, { withheld }: Private): S {
  const own = Object.entries(step.own).filter(([name]) => !withheld.includes(name));
  const argv = step.argv.map((word) => referenceIn(word, withheld) ?? word);
  return { ...step, own: Object.fromEntries(own), argv };
}

/** `QGJOB_PARAM_PASSWORD=$QGJOB_PARAM_PASSWORD` for a word that gives a withheld param to a program. */
function referenceIn(word: string, withheld: readonly string[]): string | undefined {
  const name = withheld.find((one) => word.startsWith(`${one}=`));
  return name && `${name}=$${name}`;
}

/** The variables that a step must not get: those with the person's token, and of a set-up or an install the params. */
export function unsetFor({ name, own }: ShellStep, { token, withheld }: Private): string[] {
  const holding = Object.entries(environment()).filter(([, value = '']) => token && value.includes(token));
  const params = name === 'test' ? [] : withheld;
  const all = new Set(['QGJOB_TOKEN', ...holding.map(([one]) => one), ...params]);
  return [...all].filter((one) => !(one in own)).sort();
}

/** A step as a line for a POSIX shell: `(cd qgjob-repro/job_1/source && env -u QGJOB_TOKEN CI=1 npx …)`. */
export function shellLine(step: ShellStep, hidden: Private): string {
  const { argv, cwd, own } = hide(step, hidden);
  const line = [
    'env',
    ...unsetFor(step, hidden).map((name) => `-u ${shellWord(name)}`),
    ...Object.entries(own).map(([name, value]) => `${name}=${value === '' ? '' : shellWord(value)}`),
    ...argv.map((word) => (referenceIn(word, hidden.withheld) === word ? `"${word}"` : shellWord(word))),
  ].join(' ');
  const way = relative(process.cwd(), cwd);
  if (way === '') return line;
  // In a shell of its own: the next line begins where this one did.
  return `(cd ${shellWord(leadsOut(way) ? cwd : way.replace(/^-/, './-'))} && ${line})`;
}
