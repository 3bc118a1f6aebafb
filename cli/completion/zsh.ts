import { quoted } from '../output/shell-word.ts';
import { commandPattern, type ValueWords, valueCases } from './cases.ts';
import type { Completable } from './describe-commands.ts';

export const zshScript = (all: readonly Completable[]): string => `#compdef qgjob
# Completions of qgjob for zsh:
#   qgjob completion zsh > "\${fpath[1]}/_qgjob"
_qgjob() {
  local at= flag= word
  local -a commands flags
  for word in \${words[2,CURRENT-1]}; do
    case "\${at:+$at }$word" in
      ${commandPattern(all)} at="\${at:+$at }$word" ;;
    esac
  done
  if [[ \${words[CURRENT]} == --*=* ]]; then
    flag=\${words[CURRENT]%%=*}
    compset -P '*='
  elif [[ \${words[CURRENT-1]} == --* ]]; then flag=\${words[CURRENT-1]}
  fi
  case "$at $flag" in
${valueCases(all, values)}
  esac
  case $at in
${all.map(wordsOf).join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then _describe flag flags
  elif (( $#commands )); then _describe command commands
  else _files
  fi
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then _qgjob "$@"; else compdef _qgjob qgjob; fi
`;

const values: ValueWords = {
  choose: (choices) => `compadd -- ${choices.map(quoted).join(' ')}`,
  files: '_files',
};

const wordsOf = ({ path, commands, flags, values: ofArgument }: Completable): string =>
  `    (${quoted(path)}) commands=(${[...commands.map(([name, summary]) => `${name}:${summary}`), ...ofArgument].map(quoted).join(' ')}) flags=(${flags
    .map(({ name, description }) => quoted(`${name}:${description}`))
    .join(' ')}) ;;`;
