/**
 * What a field holds: `s` a text, `w` a word of an enum, `n` a number, `b` true or false, `o` an object without fixed
 * fields, or the name of an outline; in brackets a list of these. With `?` it may be null, with `~` missing.
 */
export type Spec = string;
export type Outline = Readonly<Record<string, Spec>>;

/** Fields, named with blanks between them, that hold the same. */
export const all = (spec: Spec, names: string): Outline =>
  Object.fromEntries(names.split(' ').map((name) => [name, spec]));
