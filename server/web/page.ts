import type { Child } from 'hono/jsx';
import type { Scope } from '../../protocol/states.ts';
import type { Principal } from '../auth/principal.ts';
import type { Blobs } from '../blobs/open-blobs.ts';
import type { AuditLog } from '../calls/audit-log.ts';
import type { FileReply } from '../calls/file-reply.ts';
import type { HealthReport } from '../calls/health-report.ts';
import type { Actor } from '../queue/store/audit-line.ts';
import type { Deps } from '../queue/store/deps.ts';
import type { EventFeed } from '../queue/store/event-feed.ts';
import type { Viewer } from '../queue/store/viewer.ts';

/** What the pages work with; made by the wiring. */
export interface WebDeps extends Pick<Blobs, 'logs' | 'artifacts'> {
  readonly queue: Deps;
  readonly audit: AuditLog;
  readonly feed: EventFeed;
  readonly version: string;
  readonly health: () => Promise<HealthReport>;
  /** Called after tokens were revoked, or sessions of browsers ended: their open calls end too. */
  readonly forgetTokens: (ids: readonly string[]) => void;
  /** Called after an operator's token was replaced by another one. */
  readonly keepOperatorToken: (oldId: string, token: string) => void;
}

/** Who looks at a page, and what it asked for. */
export interface PageCall {
  readonly principal: Principal;
  /** Whose rows are listed: those of the token's org; for the operator of the chosen org, or of all. */
  readonly viewer: Viewer;
  /** Who may read and change what is named by an id: the choice of an org is no limit there. */
  readonly owner: Viewer;
  readonly may: (scope: Scope) => boolean;
  /** The `:name` part of the path. */
  readonly param: (name: string) => string;
  /** A value of the query; undefined where it is missing or empty. */
  readonly query: (name: string) => string | undefined;
  readonly header: (name: string) => string | undefined;
  /** The page's own script asks again: of the page only what has `data-live` is looked at. */
  readonly isRefresh: boolean;
}

/** A form that was sent. */
export interface FormCall extends PageCall {
  /** A field; '' where it is missing. */
  readonly field: (name: string) => string;
  /** All values of a field that may be chosen several times. */
  readonly fields: (name: string) => string[];
  /** Who sent it, for the audit log. */
  readonly by: Actor;
  /** Says the id of what the form has made, for the audit log. */
  readonly made: (id: string) => void;
}

/** Where the navigation says that we are. */
export type Section = 'overview' | 'runs' | 'tests' | 'devices' | 'dead-letters' | 'settings';

/** A page without the frame around it. */
export interface Shown {
  /** For the tab; `· qgjob` follows. */
  readonly title: string;
  readonly section?: Section;
  readonly body: Child;
  /** What its events are about; absent: the page does not follow them. */
  readonly live?: LiveOn;
}

/** The run or job whose events change a page; `{}`: all that its viewer sees. */
export interface LiveOn {
  readonly runId?: string;
  readonly jobId?: string;
}

/** One page. Its file stands in pages/, and its name in pages/index.ts. */
export interface Page {
  /** Below /ui: `/runs/:id`; '/' is the front page. */
  readonly path: string;
  readonly scope: Scope;
  /** Errors of the project become a page that says them. */
  readonly show: (deps: WebDeps, call: PageCall) => Promise<Shown>;
}

/** Where a form goes that changes something. */
export interface Action {
  /** Below /ui: `/runs/:id/cancel`. */
  readonly path: string;
  readonly scope: Scope;
  /** Answers the path below /ui of the page to go on with, or a page that is shown once and cannot be come back to. */
  readonly act: (deps: WebDeps, call: FormCall) => Promise<string | Shown>;
}

/** A call for what is no page, and may last. */
export interface ResourceCall extends PageCall {
  /** Who asks, for the audit log. */
  readonly by: Actor;
  /** Aborts when the caller goes away, or its session or token ends. */
  readonly signal: AbortSignal;
  /** Whether the session is still good. */
  readonly isLive: () => Promise<boolean>;
}

/** What is no page: events, parts of logs, files. */
export interface Resource {
  readonly path: string;
  readonly scope: Scope;
  readonly answer: (deps: WebDeps, call: ResourceCall) => Promise<FileReply>;
}
