import type { Completable, Flag } from './describe-commands.ts';

/** One word of fish, in which only these two are special between single quotes. */
const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

export const fishScript = (all: readonly Completable[]): string => `# Completions of qgjob for fish:
#   qgjob completion fish > ~/.config/fish/completions/qgjob.fish
function __qgjob_at
    set -l at ''
    for word in (commandline -opc)[2..]
        set -l longer (string trim "$at $word")
        if contains -- "$longer" ${all.flatMap(({ path }) => (path === '' ? [] : quote(path))).join(' ')}
            set at "$longer"
        end
    end
    test "$at" = "$argv[1]"
end
${all.flatMap(linesOf).join('\n')}
`;

function linesOf({ path, commands, flags, values }: Completable): string[] {
  const where = `complete -c qgjob -n ${quote(`__qgjob_at ${quote(path)}`)}`;
  return [
    ...commands.map(([name, summary]) => `${where} -f -a ${quote(name)} -d ${quote(summary)}`),
    ...(values.length > 0 ? [`${where} -f -a ${quote(values.join(' '))}`] : []),
    ...flags.map(
      (flag) => `${where} -l ${flag.name.slice(2)} -d ${quote(flag.description)}${toValues(flag)}`,
    ),
  ];
}

function toValues({ takesValue, choices }: Flag): string {
  if (choices.length > 0) return ` -x -a ${quote(choices.join(' '))}`;
  return takesValue ? ' -r' : '';
}
