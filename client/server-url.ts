import { isBlockedPort } from '../protocol/blocked-ports.ts';
import { QgjobError } from '../protocol/errors.ts';

export interface ServerUrlRule {
  /** Where the address was found, for the message that refuses it: `--server-url`, `input server-url`. */
  readonly from: string;
  /** Plain http to hosts other than this one: only where somebody said so by name. */
  readonly allowHttp: boolean;
  /** How to say so there: `--allow-http`. */
  readonly allowHttpBy: string;
}

const loopback = /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** True for hosts that only this machine answers for. */
export const isLoopback = (hostname: string): boolean => loopback.test(hostname);

/**
 * The address of a server as callers use it: an origin, perhaps with the path that a proxy puts before the API, without
 * a slash at the end. Errors: `invalid`, or `unavailable` for a port at which no server can be reached; never with a
 * password in the message.
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

/** What could be a user and a password is not repeated: a URL that does not parse may hold them too. */
const withoutLogin = (text: string): string => text.replace(/^.*@/s, '***@');
