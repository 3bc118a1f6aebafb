import type { StandInCall, StandInReply } from './stand-in-call.ts';
import type { StandInSessions } from './stand-in-sessions.ts';

export interface HubParts {
  readonly sessions: StandInSessions;
  /** Undefined: a session may begin. */
  whyFull(): string | undefined;
  /** `bs://` addresses, and whether BrowserStack still has them. */
  readonly apps: ReadonlyMap<string, 'kept' | 'deleted'>;
}

const refusal = (message: string): StandInReply => ({
  status: 500,
  json: { value: { error: 'session not created', message, stacktrace: '' } },
});

/** The part of the stand-in that speaks WebDriver: begin a session, one command, end it. Throws for what a hub would not get. */
export function answerHub(call: StandInCall, path: string, parts: HubParts): StandInReply {
  if (call.method === 'POST' && path === '/session') return beginSession(call, parts);
  const [, id, command = ''] = /^\/session\/(\w+)(\/.*)?$/.exec(path) ?? [];
  const session = parts.sessions.find(id);
  if (session?.status !== 'running')
    return { status: 404, json: { value: { error: 'invalid session id', message: 'it has ended' } } };
  if (call.method === 'DELETE' && command === '') {
    session.status = 'done';
    return { json: { value: null } };
  }
  if (call.method === 'GET' && command === '/source') return { json: { value: '<screen/>' } };
  if (call.method === 'GET' && command === '/window') return { json: { value: 'w' } };
  throw new Error(`no such command: ${call.method} ${path}`);
}

function beginSession(call: StandInCall, { sessions, whyFull, apps }: HubParts): StandInReply {
  const { capabilities } = call.json() as {
    capabilities?: { alwaysMatch?: Record<string, unknown> };
  };
  const wanted = capabilities?.alwaysMatch;
  const options = wanted?.['bstack:options'] as Record<string, unknown> | undefined;
  if (!wanted || !options) throw new Error('capabilities.alwaysMatch has no bstack:options');
  for (const name of ['projectName', 'buildName', 'sessionName', 'osVersion'])
    if (typeof options[name] !== 'string') throw new Error(`bstack:options has no ${name}`);
  const full = whyFull();
  if (full !== undefined) return refusal(full);
  const app = wanted['appium:app'];
  const state = typeof app === 'string' ? apps.get(app) : 'kept';
  if (state === undefined) return refusal(`[BROWSERSTACK_INVALID_APP_URL] ${app} is not known`);
  if (state === 'deleted') return refusal('[BROWSERSTACK_APP_DELETED] the app has been deleted');
  const session = sessions.open(String(options.buildName), String(options.sessionName), wanted);
  return { json: { value: { sessionId: session.id, capabilities: {} } } };
}
