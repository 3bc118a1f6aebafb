import type { Completable } from './describe-commands.ts';
import { quote } from './quote.ts';

export const zshScript = (all: readonly Completable[]): string => `#compdef qgjob
# Completions of qgjob for zsh:
#   qgjob completion zsh > "\${fpath[1]}/_qgjob"
_qgjob() {
  local at= flag= word
  local -a commands flags
  for word in \${words[2,CURRENT-1]}; do
    case "\${at:+$at }$word" in
      (${all.flatMap(({ path }) => (path === '' ? [] : quote(path))).join('|')}) at="\${at:+$at }$word" ;;
    esac
  done
  if [[ \${words[CURRENT]} == --*=* ]]; then
    flag=\${words[CURRENT]%%=*}
    compset -P '*='
  elif [[ \${words[CURRENT-1]} == --* ]]; then flag=\${words[CURRENT-1]}
  fi
  case "$at $flag" in
${all.flatMap(valuesOf).join('\n')}
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

function valuesOf({ path, flags }: Completable): string[] {
  const places = (names: readonly string[]) => names.map((name) => quote(`${path} ${name}`)).join('|');
  const free = flags.filter(({ takesValue, choices }) => takesValue && choices.length === 0);
  return [
    ...flags
      .filter(({ choices }) => choices.length > 0)
      .map(
        ({ name, choices }) =>
          `    (${places([name])}) compadd -- ${choices.map(quote).join(' ')}; return ;;`,
      ),
    ...(free.length > 0 ? [`    (${places(free.map(({ name }) => name))}) _files; return ;;`] : []),
  ];
}

const wordsOf = ({ path, commands, flags }: Completable): string =>
  `    (${quote(path)}) commands=(${commands.map(([name, summary]) => quote(`${name}:${summary}`)).join(' ')}) flags=(${flags
    .map(({ name, description }) => quote(`${name}:${description}`))
    .join(' ')}) ;;`;
