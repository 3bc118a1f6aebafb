import { isAbsolute } from 'node:path';
import { attribute } from './case-status.ts';
import type { Attributes } from './xml-tag.ts';

/** Node's own reporter tells of a file without any test as of a test that has passed. */
export function isWholeFile(attributes: Attributes): boolean {
  const [name, file] = [attribute(attributes, 'name'), attribute(attributes, 'file')];
  return attribute(attributes, 'classname') === 'test' && (isScript(name) || isEndOf(file, name));
}

/** Routes are names of tests too: `/users`. */
const isScript = (name: string): boolean => isAbsolute(name) && /\.[cm]?[jt]sx?$/.test(name);

const isEndOf = (path: string, end: string): boolean =>
  end !== '' && (path === end || path.endsWith(`/${end}`) || path.endsWith(`\\${end}`));
