import type { Outline } from '../protocol/outline.ts';
import { outlines } from '../protocol/outlines.ts';
import { isObject } from './json.ts';

/** Where a value differs from its outline, and how. */
export type Flaw = { readonly path: string; readonly why: string };

/** The first flaw of an object. Fields that the outline does not have are a newer server's, and no flaw. */
export function findFlaw(outline: Outline, value: unknown, path = ''): Flaw | undefined {
  if (!isObject(value)) return { path, why: 'is no object' };
  for (const [name, spec] of Object.entries(outline)) {
    const at = path === '' ? name : `${path}.${name}`;
    const flaw = flawOf(spec, Object.hasOwn(value, name) ? value[name] : undefined, at);
    if (flaw) return flaw;
  }
  return undefined;
}

function flawOf(spec: string, value: unknown, path: string): Flaw | undefined {
  if (value === undefined) return spec.includes('~') ? undefined : { path, why: 'is missing' };
  if (value === null) return spec.includes('?') ? undefined : { path, why: 'is null' };
  const bare = spec.replace(/[?~]+$/, '');
  const item = /^\[(.*)\]$/.exec(bare)?.[1];
  if (item === undefined)
    return bare in outlines ? findFlaw(outlineOf(bare), value, path) : simpleFlaw(bare, value, path);
  if (!Array.isArray(value)) return { path, why: 'is no list' };
  for (const [index, one] of value.entries()) {
    const flaw = flawOf(item, one, `${path}.${index}`);
    if (flaw) return flaw;
  }
  return undefined;
}

const outlineOf = (name: string): Outline => outlines[name] ?? {};

const kinds: Readonly<Record<string, readonly [is: (value: unknown) => boolean, why: string]>> = {
  s: [(value) => typeof value === 'string', 'is no text'],
  // Any word: a newer server may have more of them.
  w: [isWord, 'is no word'],
  n: [(value) => typeof value === 'number', 'is no number'],
  b: [(value) => typeof value === 'boolean', 'is neither true nor false'],
  o: [isObject, 'is no object'],
};

function simpleFlaw(kind: string, value: unknown, path: string): Flaw | undefined {
  const [is, why] = kinds[kind] ?? [() => false, 'has no outline'];
  return is(value) ? undefined : { path, why };
}

/** Adds null for fields that an older server does not send, where they may be both missing and null. */
export function fillIn(outline: Outline, value: unknown): unknown {
  if (!isObject(value)) return value;
  for (const [name, spec] of Object.entries(outline)) {
    const inner = value[name];
    if (inner === undefined) {
      if (spec.includes('?') && spec.includes('~')) value[name] = null;
    } else {
      const of = outlines[spec.replace(/[[\]?~]/g, '')];
      if (of) for (const one of Array.isArray(inner) ? inner : [inner]) fillIn(of, one);
    }
  }
  return value;
}

/** At most 50 characters. */
export function isWord(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 50 && /^[a-z0-9]+(?:[_-][a-z0-9]+)*$/i.test(value);
}
