import type { Check } from './check-answer.ts';

/** Where to call, and as whom. */
export interface Endpoint {
  /** Address of the server, perhaps with a base path: `http://127.0.0.1:8080`, `https://ci.example.com/qgjob`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Sent as User-Agent, like `qgjob-cli/0.1.0`. */
  readonly userAgent?: string | undefined;
  /** How answers are held against the contract. Default: by the outlines of what readers are answered. */
  readonly check?: Check | undefined;
}
