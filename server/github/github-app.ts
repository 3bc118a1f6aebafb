import { createPrivateKey, type KeyObject } from 'node:crypto';
import { callGithub, expected, type GithubCall, GithubError } from './github-call.ts';

export interface AppSettings {
  readonly appId: string;
  /** PEM, as GitHub gives it. */
  readonly privateKey: string;
  readonly apiUrl: string;
}

export interface Repository {
  readonly id: string;
  /** `owner/name`. */
  readonly name: string;
}

type Asked = Pick<GithubCall, 'method' | 'path'> & { readonly body?: object; readonly signal: AbortSignal };

interface Installation {
  readonly id: number;
  readonly app_slug: string;
}

interface Known<T> {
  readonly value: T;
  readonly until: number;
}

// GitHub takes 10 minutes at most, and its clock may be behind ours.
const jwtSeconds = 540;
const skewSeconds = 60;
/** How long it is believed that the App covers a repository, or not. */
const coveredMs = 10 * 60_000;
/** A token of an installation is not used in its last minutes. */
const spareMs = 5 * 60_000;

/** The calls of a GitHub App for the repositories that it is installed in. */
export class GithubApp {
  readonly #settings: AppSettings;
  readonly #now: () => number;
  readonly #key: KeyObject;
  readonly #installations = new Map<string, Known<Installation | undefined>>();
  readonly #tokens = new Map<string, Known<string>>();

  /** `now`: the real time, epoch ms: GitHub compares it with its own. Errors: Error for a key that is none. */
  constructor(settings: AppSettings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
    this.#key = createPrivateKey(settings.privateKey);
  }

  /** Whether the App is installed in it, and so may write its checks. Errors: GithubError where GitHub does not say. */
  async covers(repository: Repository, signal: AbortSignal): Promise<boolean> {
    return (await this.#installation(repository, signal)) !== undefined;
  }

  /** A call for a repository, by a token for it alone, which is renewed once where GitHub refuses it. Errors: GithubError. */
  async call<T>(repository: Repository, asked: Asked): Promise<T> {
    const token = await this.#token(repository, asked.signal);
    try {
      return await this.#call<T>(token, asked);
    } catch (error) {
      if (!(error instanceof GithubError) || error.status !== 401) throw error;
      this.#tokens.delete(repository.id);
      this.#installations.delete(repository.id);
      return this.#call<T>(await this.#token(repository, asked.signal), asked);
    }
  }

  /** Who acts with its tokens, like `qgjob[bot]`. Errors: GithubError, also where the App is not installed. */
  async botLogin(repository: Repository, signal: AbortSignal): Promise<string> {
    return `${(await this.#installed(repository, signal)).app_slug}[bot]`;
  }

  async #installed(repository: Repository, signal: AbortSignal): Promise<Installation> {
    const found = await this.#installation(repository, signal);
    if (found) return found;
    throw new GithubError(`the App is not installed in ${repository.name}`, 404);
  }

  #call<T>(token: string, asked: Asked): Promise<T> {
    return callGithub<T>({ baseUrl: this.#settings.apiUrl, token, now: this.#now(), ...asked });
  }

  async #installation({ id, name }: Repository, signal: AbortSignal): Promise<Installation | undefined> {
    const known = this.#installations.get(id);
    if (known && known.until > this.#now()) return known.value;
    const asked = { method: 'GET', path: `${pathOf(name)}/installation`, signal } as const;
    const found = await this.#asApp<Installation>(asked).catch((error: unknown) => {
      if (error instanceof GithubError && error.status === 404) return undefined;
      throw error;
    });
    const isWhole = !found || (Number.isSafeInteger(found.id) && typeof found.app_slug === 'string');
    expected(found, isWhole, 'installation');
    this.#installations.set(id, { value: found, until: this.#now() + coveredMs });
    return found;
  }

  async #token(repository: Repository, signal: AbortSignal): Promise<string> {
    const known = this.#tokens.get(repository.id);
    if (known && known.until > this.#now()) return known.value;
    const installation = await this.#installed(repository, signal);
    const made = await this.#asApp<{ token: string; expires_at: string }>({
      method: 'POST',
      path: `/app/installations/${installation.id}/access_tokens`,
      body: { repository_ids: [Number(repository.id)] },
      signal,
    });
    const until = Date.parse(made.expires_at) - spareMs;
    expected(made, typeof made.token === 'string' && !Number.isNaN(until), 'token');
    this.#tokens.set(repository.id, { value: made.token, until });
    return made.token;
  }

  async #asApp<T>(asked: Asked): Promise<T> {
    // Loaded late: a server without an App needs none of it.
    const { SignJWT } = await import('jose');
    const seconds = Math.floor(this.#now() / 1000);
    const jwt = await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(this.#settings.appId)
      .setIssuedAt(seconds - skewSeconds)
      .setExpirationTime(seconds - skewSeconds + jwtSeconds)
      .sign(this.#key);
    return this.#call<T>(jwt, asked);
  }
}

/** `/repos/owner/name`, whatever is in the name. */
export const pathOf = (name: string): string => `/repos/${name.split('/').map(encodeURIComponent).join('/')}`;
