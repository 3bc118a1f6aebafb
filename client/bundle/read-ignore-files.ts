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
 * names what nobody means to share. The last of them that knows a path decides, the folder's before the root's.
 */
export function readIgnoreFiles(root: string, subdir: string, isWithoutGit: boolean): IgnoreRules {
  const folders = subdir === '' ? [''] : ['', `${subdir}/`];
  const texts = folders.map((prefix) => ({
    prefix,
    // In one: a line with `!` in the second takes back what a line of the first names.
    text: [...(isWithoutGit && prefix === '' ? ['.gitignore'] : []), ignoreFile]
      .map((name) => join(root, prefix, name))
      .filter(existsSync)
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n'),
  }));
  const rules = texts.map(({ prefix, text }) => ({ prefix, rule: ignore({ ignorecase: false }).add(text) }));
  return (path) => {
    const found = rules
      .filter(({ prefix }) => path.startsWith(prefix) && path !== prefix)
      .map(({ prefix, rule }) => rule.test(path.slice(prefix.length)));
    const last = found.findLast(({ ignored, unignored }) => ignored || unignored);
    if (last === undefined) return undefined;
    return last.ignored ? 'ignored' : 'kept';
  };
}
