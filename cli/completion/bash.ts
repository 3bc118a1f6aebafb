import { quoted } from '../output/shell-word.ts';
import { commandPattern, type ValueWords, valueCases } from './cases.ts';
import type { Completable } from './describe-commands.ts';

/** A script for bash 4 and newer. `--flag=value` is three words to it, since `=` breaks words. */
export const bashScript = (all: readonly Completable[]): string => `# Completions of qgjob for bash:
#   source <(qgjob completion bash)
_qgjob() {
  local at= flag= cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} i commands flags
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${at:+$at }\${COMP_WORDS[i]}" in
      ${commandPattern(all)} at="\${at:+$at }\${COMP_WORDS[i]}" ;;
    esac
  done
  if [[ $cur == = ]]; then flag=$prev cur=
  elif [[ $prev == = ]]; then flag=\${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $prev == --* ]]; then flag=$prev
  fi
  COMPREPLY=()
  case "$at $flag" in
${valueCases(all, values)}
  esac
  case $at in
${all.map(wordsOf).join('\n')}
  esac
  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n $commands ]]; then COMPREPLY=($(compgen -W "$commands" -- "$cur"))
  else compopt -o default
  fi
}
complete -F _qgjob qgjob
`;

const values: ValueWords = {
  choose: (choices) => `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$cur"))`,
  files: 'compopt -o default',
};

const wordsOf = ({ path, commands, flags, values: ofArgument }: Completable): string => {
  const words = (some: readonly string[]) => quoted(some.join(' '));
  const named = `commands=${words([...commands.map(([name]) => name), ...ofArgument])}`;
  return `    ${quoted(path)}) ${named} flags=${words(flags.map(({ name }) => name))} ;;`;
};
