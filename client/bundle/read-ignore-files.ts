import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ignore from 'ignore';

export const ignoreFile = '.qgjobignore';

/**
 * What the ignore files say of a path; a folder's ends with `/`. `kept`: a rule with `!` names it. Undefined: no rule
 * does.
 */
export type IgnoreRules = (path: string) => 'ignored' | 'kept' | undefined;

/**
 * Reads `.qgjobignore` at the root and in the folder `subdir`. Without git the .gitignore at the root is honoured too: it
 * names what nobody means to share.
 */
export function readIgnoreFiles(root: string, subdir: string, isWithoutGit: boolean): IgnoreRules {
  const folders = subdir === '' ? [''] : ['', `${subdir}/`];
  const names = [
    ...folders.map((prefix) => [prefix, ignoreFile]),
    ...(isWithoutGit ? [['', '.gitignore']] : []),
  ];
  const rules = names.flatMap(([prefix = '', name = '']) => {
    const file = join(root, prefix, name);
    return existsSync(file)
      ? [{ prefix, rule: ignore({ ignorecase: false }).add(readFileSync(file, 'utf8')) }]
      : [];
  });
  return (path) => {
    const found = rules
      .filter(({ prefix }) => path.startsWith(prefix) && path !== prefix)
      .map(({ prefix, rule }) => rule.test(path.slice(prefix.length)));
    if (found.some(({ ignored }) => ignored)) return 'ignored';
    return found.some(({ unignored }) => unignored) ? 'kept' : undefined;
  };
}
