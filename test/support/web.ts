import { expect } from 'vitest';

/** An answer of the dashboard. */
export interface WebAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where a redirect leads; undefined where it is none. */
  readonly location: string | undefined;
}

/** A person with the dashboard open, without a browser: cookies are kept, redirects are not followed. */
export class Visitor {
  readonly #url: string;
  #cookie: string;

  /** `url`: of the server. */
  constructor(url: string, cookie = '') {
    this.#url = url;
    this.#cookie = cookie;
  }

  get cookie(): string {
    return this.#cookie;
  }

  /** A page by its path: `/ui/runs`. */
  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<WebAnswer> {
    return this.#ask(path, { headers: { accept: 'text/html', ...headers } });
  }

  /** A form as it is on a page: with the session's own field, unless `fields` has another. */
  async post(
    path: string,
    fields: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<WebAnswer> {
    const body = new URLSearchParams({ csrf: await this.csrf(), ...fields });
    return this.#ask(path, {
      method: 'POST',
      body,
      headers: { accept: 'text/html', origin: new URL(this.#url).origin, ...headers },
    });
  }

  /** What the forms of this session carry; '' for a stranger. */
  async csrf(): Promise<string> {
    const { text } = await this.get('/ui');
    return /name="csrf" value="([0-9a-f]+)"/.exec(text)?.[1] ?? '';
  }

  async #ask(path: string, init: RequestInit): Promise<WebAnswer> {
    const response = await fetch(new URL(path, this.#url), {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, ...(this.#cookie && { cookie: this.#cookie }) },
    });
    const set = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
    if (set.length > 0) this.#cookie = set.filter((cookie) => !cookie.endsWith('=')).join('; ');
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      location: response.headers.get('location') ?? undefined,
    };
  }
}

/** Somebody who has signed in with this token. */
export async function signIn(url: string, token: string): Promise<Visitor> {
  const visitor = new Visitor(url);
  const { status } = await visitor.post('/ui/sign-in', { token });
  expect(status).toBe(303);
  return visitor;
}
