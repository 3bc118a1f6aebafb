import type { Logger } from 'pino';
import type { Authenticator } from '../auth/authenticate.ts';
import type { LiveCalls } from '../auth/live-calls.ts';
import type { CallWatch, Env } from '../calls/log-requests.ts';
import type { Gate } from '../gate/gate.ts';
import type { Assets } from './assets.ts';
import type { WebDeps } from './page.ts';
import type { Session, Sessions } from './session/sessions.ts';

export interface WebEnv {
  Bindings: Env['Bindings'];
  Variables: Env['Variables'] & { session: Session | undefined };
}

export interface WebOptions {
  readonly deps: WebDeps;
  readonly sessions: Sessions;
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly liveCalls: LiveCalls;
  readonly assets: Assets;
  /** A path below which the server is reached too; '' for none. */
  readonly basePath: string;
  readonly log: Logger;
  readonly watch: CallWatch;
  readonly gate: Gate;
}

/** The origin at which browsers should reach the server. */
export const originOf = ({ deps }: WebOptions): string => new URL(deps.queue.settings.publicUrl).origin;
