import { readFileSync } from 'node:fs';

/** An input or output as action.yml declares it. */
export interface Declared {
  readonly description: string;
  readonly required?: string;
  readonly default?: string;
}

export interface ActionYml {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Declared>>;
  readonly outputs: Readonly<Record<string, Declared>>;
  readonly runs: { readonly using: string; readonly main: string; readonly post: string };
}

type Node = { [key: string]: string | Node };

/**
 * Reads action.yml, which uses only a small part of YAML: two blanks of indent for each level, values on one line,
 * plain or quoted. Throws for anything else, so that nothing is read differently from GitHub.
 */
export function readActionYml(path: string): ActionYml {
  const root: Node = {};
  const open: Node[] = [root];
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((line, index) => {
      if (line.trim() === '' || line.startsWith('#')) return;
      const match = /^((?: {2})*)([a-z][a-z-]*):(?: (\S.*))?$/.exec(line);
      const depth = (match?.[1]?.length ?? 0) / 2;
      const parent = open[depth];
      if (!match?.[2] || !parent) throw new Error(`${path}:${index + 1}: not understood: ${line}`);
      const value: string | Node = match[3] === undefined ? {} : readScalar(match[3], `${path}:${index + 1}`);
      parent[match[2]] = value;
      open.length = depth + 1;
      if (typeof value !== 'string') open.push(value);
    });
  return root as unknown as ActionYml;
}

function readScalar(text: string, where: string): string {
  const quoted = /^'((?:[^']|'')*)'$/.exec(text)?.[1] ?? /^"([^"\\]*)"$/.exec(text)?.[1];
  if (quoted !== undefined) return quoted.replaceAll("''", "'");
  if (/^[-?:,[\]{}#&*!|>'"%@`]/.test(text) || /: |:$| #/.test(text)) {
    throw new Error(`${where}: put this value in quotes: ${text}`);
  }
  return text;
}
