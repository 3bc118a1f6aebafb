/**
 * What a token says of itself without telling its secret: its kind (`op` is the operator's, `adm` that of an org's admin,
 * `agt` an agent's) and its id. Undefined for what has not the form of a token.
 */
export function nameOfToken(token: string): { readonly kind: string; readonly id: string } | undefined {
  const [, kind, id] = /^qgj_([a-z]+)_([0-9a-f]{24})_/.exec(token) ?? [];
  return kind === undefined || id === undefined ? undefined : { kind, id };
}
