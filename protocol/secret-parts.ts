import { isSecretName, isSecretVariable } from './secret-names.ts';

/** Deeper or longer values are no settings. */
const deepest = 20;
const longestJson = 1024 ** 2;

/**
 * The secrets inside of a variable's value, as programs print them alone: passwords of addresses, parts with secret names,
 * tokens by the beginnings that their makers give them.
 */
export const secretParts = (value: string): string[] => [
  ...inAddresses(value),
  ...inQueries(value),
  ...inAssignments(value),
  ...inJson(value, 0),
  ...tokens(value),
];

/**
 * The password in `postgres://user:password@host/db` and in Go's `user:password@tcp(host)/db`, as written and decoded. A long
 * user is a token, with a password or without.
 */
function inAddresses(value: string): string[] {
  // A password may hold what addresses escape; a number before a path is a port.
  const addresses = /:\/\/([^\s/?#@:]*)(?::([^\s/?#]*)|:(?!\d+[/?#])([^\s@]+))?@/g;
  const found = [...value.matchAll(addresses)].flatMap(([, user = '', plain, odd]) => {
    const password = plain ?? odd;
    // A password equal to its user is the default of a development database.
    if (password === user) return [];
    return [password ?? '', user.length >= longUser || tokens(user).length > 0 ? user : ''];
  });
  const go = [...value.matchAll(/(?:^|\s)[^\s:@/]*:(\S+)@[a-z0-9]+\(/g)].map(([, password = '']) => password);
  return [...found, ...go].flatMap((one) => [one, decoded(one)]);
}

/** Shorter ones are names of people and programs. */
const longUser = 16;

/** `?user=a&password=hunter22`, `;password=hunter22` of a driver's address. */
const inQueries = (value: string): string[] =>
  [...value.matchAll(/[?&;]([\w.-]+)=([^&;\s"'<>#]+)/g)].flatMap(([, name = '', held = '']) =>
    isSecretName(name) ? [held, decoded(held)] : [],
  );

/** `Server=db;Password=hunter22;` and `host=db password=hunter22`. */
function inAssignments(value: string): string[] {
  const parts = value.includes('=') ? [...value.split(';'), ...value.split(/[\s;,&]+/)] : [];
  return parts.flatMap((part) => {
    const at = part.indexOf('=');
    if (at <= 0 || !isSecretName(part.slice(0, at).trim())) return [];
    const held = part.slice(at + 1).trim();
    return [held, held.replace(/^(["'])(.*)\1$/s, '$2')];
  });
}

/** The texts under secret names in JSON, which may be in base64, as an account of a service often is. */
function inJson(value: string, depth: number): string[] {
  const text = /^\s*[[{]/.test(value) ? value : fromBase64(value);
  if (text === undefined || text.length > longestJson) return [];
  try {
    return inTree(JSON.parse(text), false, depth);
  } catch {
    return [];
  }
}

/** Undefined where it is no base64 of JSON. */
function fromBase64(value: string): string | undefined {
  // How a brace or a bracket begins, with what JSON may have after it.
  if (!/^\s*(?:e[wy]|W[wyz1-3])[\w+/=\s-]+$/.test(value)) return undefined;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(value), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

function inTree(node: unknown, isSecret: boolean, depth: number): string[] {
  if (typeof node === 'string') return isSecret ? [node] : tokens(node);
  if (typeof node !== 'object' || node === null || depth > deepest) return [];
  if (Array.isArray(node)) return node.flatMap((one) => inTree(one, isSecret, depth + 1));
  return Object.entries(node).flatMap(([name, one]) => inTree(one, isSecretVariable(name), depth + 1));
}

const tokenRules = [
  /\b(?:gh[a-z]_|github_pat_|glpat-|qgj_|xox[a-z]-|npm_|pypi-|hf_|[spr]k[-_](?:live|test|proj|ant)|sk-|AKIA|ASIA|AIza|ya29\.|shp\w{2}_|SG\.)[\w.-]{8,}/g,
  // A JSON web token.
  /\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?/g,
];

const tokens = (value: string): string[] => [
  ...tokenRules.flatMap((rule) => value.match(rule) ?? []),
  ...[...value.matchAll(/\b(?:bearer|basic)\s+([\w+/=.~-]{8,})/gi)].map(([, held = '']) => held),
  ...(value.match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*/) ?? []),
];

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
