import { isBlockedPort } from '../protocol/blocked-ports.ts';
import { QgjobError } from '../protocol/errors.ts';

export interface ServerUrlRule {
  /** Where the address was found, for messages: `--server-url`, `input server-url`. */
  readonly from: string;
  /** Whether plain http to other hosts is allowed. */
  readonly allowHttp: boolean;
  /** How to allow it there: `--allow-http`. */
  readonly allowHttpBy: string;
}

const loopback = /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** True for names of this machine. */
export const isLoopback = (hostname: string): boolean => loopback.test(hostname);

/**
 * The address of a server: an origin, with the path that a proxy may put before the API, without a slash at the end.
 * Errors, none with a password in it: `invalid`; `unavailable` for a port that `fetch` refuses to call.
 */
export function checkServerUrl(text: string, rule: ServerUrlRule): string {
  const url = URL.parse(text);
  if (!url || !/^https?:\/\/[^/]/i.test(text)) {
    throw refusal(rule, `"${withoutLogin(text)}" is not a server's URL; it begins with https:// or http://`);
  }
  if (url.username !== '' || url.password !== '') {
    throw refusal(rule, 'must not hold a user or a password; a qgjob token is given by itself');
  }
  if (url.search !== '' || url.hash !== '') throw refusal(rule, 'must not hold a ? or a #');
  if (isBlockedPort(Number(url.port))) {
    throw new QgjobError(
      'unavailable',
      `${rule.from}: port ${url.port} is one that no HTTP client calls; give the server another port`,
    );
  }
  if (url.protocol === 'http:' && !rule.allowHttp && !isLoopback(url.hostname)) {
    throw refusal(
      rule,
      `plain http would send the token readable to ${url.host}; use https, or ${rule.allowHttpBy} in a network that you trust`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

const refusal = ({ from }: ServerUrlRule, what: string) => new QgjobError('invalid', `${from}: ${what}`);

/** Without what may be a user and a password: a text that is no URL may hold them too. */
const withoutLogin = (text: string): string => text.replace(/^.*@/s, '***@');
