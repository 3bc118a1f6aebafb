import { isSecretName, wordsOf } from './secret-names.ts';

/**
 * Whether a param may hold what whoever may read need not know, such as the account that tests sign in with. In doubt it
 * does: who repeats a test can set it, and what was told once is known.
 */
export const mayBeSecret = (name: string, value: string): boolean =>
  isSecretName(name) || saysSecret(name) || looksSecret.some((rule) => rule.test(value));

/** Anywhere in a name, in any spelling. */
const anywhere =
  /token|secret|passw|passphrase|passcode|pwd|credential|api_?key|private|bearer|cookie|certificate|auth(?!ors?(?![a-z]))/i;
/** These only as whole words: `MONKEY` holds no key. */
const asWord =
  /^(?:keys?|pass|pat|pin|pw|otp|totp|mfa|jwt|dsn|sid|sas|sig|signature|session|cert|salt|seed|hmac|connection)$/i;

const saysSecret = (name: string): boolean =>
  anywhere.test(name) || wordsOf(name).some((one) => asWord.test(one));

const looksSecret = [
  // A user, or a user and a password, in an address.
  /:\/\/[^\s/?#]+@/,
  /\b(?:bearer|basic)\s+\S/i,
  // `access_token=…`, `Password=…;`, `sig=…`, `"apiKey": "…"`.
  /(?:token|secret|passw\w*|pwd|key|sig|signature|code|credential|auth)["']?\s*[=:]\s*["']?[^\s"'&;]/i,
  // A JSON web token.
  /\beyJ[\w-]{6,}\.[\w-]/,
  // Tokens by the beginnings that their makers give them.
  /\b(?:gh[a-z]_|github_pat_|glpat-|qgj_|xox[a-z]-|npm_|pypi-|hf_|[spr]k[-_](?:live|test|proj|ant)|sk-|AKIA|ASIA|AIza|ya29\.|shp\w{2}_|SG\.)\w/,
  /-----BEGIN /,
  // Nothing that a person would type: long, of letters and digits mixed.
  /^(?=\S*\d)(?=\S*[a-z])[\w+/=.~-]{32,}$/i,
];
