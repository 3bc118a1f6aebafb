import { quoted } from '../output/shell-word.ts';
import type { Completable } from './describe-commands.ts';

/** The pattern of a `case`, for bash and zsh alike, that takes each of these words. */
const patternOf = (words: readonly string[]): string => `(${words.map(quoted).join('|')})`;

/** The pattern of the words of all commands. */
export const commandPattern = (all: readonly Completable[]): string =>
  patternOf(all.flatMap(({ path }) => path || []));

/** What a shell does for the value of a flag. */
export interface ValueWords {
  /** One of some values. */
  readonly choose: (choices: readonly string[]) => string;
  /** Any: a file, perhaps. */
  readonly files: string;
}

/** The lines of a `case` for the flags with values, each by its command and its name. */
export function valueCases(all: readonly Completable[], { choose, files }: ValueWords): string {
  const lineOf = (places: readonly string[], what: string) =>
    places.length === 0 ? [] : [`    ${patternOf(places)} ${what}; return ;;`];
  return all
    .flatMap(({ path, flags }) => {
      const free = flags.filter(({ takesValue, choices }) => takesValue && choices.length === 0);
      return [
        ...flags
          .filter(({ choices }) => choices.length > 0)
          .flatMap(({ name, choices }) => lineOf([`${path} ${name}`], choose(choices))),
        ...lineOf(
          free.map(({ name }) => `${path} ${name}`),
          files,
        ),
      ];
    })
    .join('\n');
}
