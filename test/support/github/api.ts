import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import addFormats from 'ajv-formats';
import { type Context, type Document, OpenAPIBackend } from 'openapi-backend';
import type { TokenRights } from './fake-github.ts';
import { handlers, type Made } from './handlers.ts';
import { checkLimits } from './limits.ts';
import type { GithubStore } from './store.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as a page. */
  readonly body?: unknown;
}

export interface ApiCall {
  readonly request: IncomingMessage;
  readonly text: string;
  /** Undefined: a token that nobody has. */
  readonly rights: TokenRights | undefined;
}

const definition = JSON.parse(readFileSync(join(import.meta.dirname, 'openapi.json'), 'utf8')) as Document;

/** Which right a call needs; a call that only reads needs none. */
const needs: Readonly<Record<string, 'checks' | 'pullRequests'>> = {
  'checks/create': 'checks',
  'checks/update': 'checks',
  'issues/create-comment': 'pullRequests',
  'issues/update-comment': 'pullRequests',
  'issues/delete-comment': 'pullRequests',
  'reactions/create-for-issue-comment': 'pullRequests',
  'reactions/delete-for-issue-comment': 'pullRequests',
};

/** GitHub's API over a store. Requests and answers are checked by GitHub's description; `onProblem` is told. */
export async function openApi(store: GithubStore, onProblem: (problem: string) => void) {
  const api = new OpenAPIBackend({
    definition,
    quick: true,
    ajvOpts: { strict: false, allErrors: true },
    customizeAjv: (ajv) => addFormats.default(ajv),
  });
  const refuse = (status: number, problem: string): Answer => {
    onProblem(problem);
    return { status, body: { message: problem } };
  };
  for (const [operation, handle] of Object.entries(handlers))
    api.register(operation, (context: Context, call: ApiCall) => {
      const { rights } = call;
      const right = needs[operation];
      if (rights === undefined) return { status: 401, body: { message: 'Bad credentials' } };
      if (right !== undefined && rights[right] !== 'write')
        return { status: 403, body: { message: 'Resource not accessible by integration' } };
      const problem = checkLimits(context.request.requestBody);
      if (problem !== undefined) return refuse(422, `${operation}: ${problem}`);
      const made = handle({ store, rights, context });
      const wrong = checkAnswer(api, operation, made);
      if (wrong !== undefined) onProblem(`this GitHub's own answer to ${operation}: ${wrong}`);
      return made;
    });
  api.register('validationFail', (context: Context) =>
    refuse(422, `${context.operation.operationId}: ${JSON.stringify(context.validation.errors)}`),
  );
  api.register('notFound', (context: Context) =>
    refuse(404, `no such call here: ${context.request.method} ${context.request.path}`),
  );
  await api.init();
  return {
    operationOf: (call: ApiCall): string =>
      isViewer(call) ? 'graphql' : (api.matchOperation(requestOf(call))?.operationId ?? 'unknown'),
    answer: async (call: ApiCall): Promise<Answer> =>
      isViewer(call) ? viewer(call) : ((await api.handleRequest(requestOf(call), call)) as Answer),
  };
}

function requestOf({ request, text }: ApiCall) {
  const url = new URL(request.url ?? '/', 'http://github');
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  const headers = { ...request.headers } as Record<string, string>;
  return { method: request.method ?? 'GET', path: url.pathname, query: url.search.slice(1), body, headers };
}

function checkAnswer(api: OpenAPIBackend, operation: string, { status, body }: Made): string | undefined {
  if (body === undefined || status >= 400) return undefined;
  const { errors } = api.validateResponse(body, operation, status);
  return errors?.length ? JSON.stringify(errors) : undefined;
}

// Who acts with a token: the one question that the REST part does not answer for a workflow's token.
const isViewer = ({ request }: ApiCall): boolean => request.url === '/graphql';
const viewer = ({ rights }: ApiCall): Answer =>
  rights === undefined
    ? { status: 401, body: { message: 'Bad credentials' } }
    : { status: 200, body: { data: { viewer: { login: rights.login } } } };
