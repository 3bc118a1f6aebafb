import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Contract } from '../../protocol/contract.ts';
import { contracts } from '../../protocol/contracts.ts';
import { type Route, type RouteName, routes } from '../../protocol/routes.ts';
import { addOrg, fetchRaw, startTestServer } from '../../test/support/server.ts';
import { World } from '../../test/support/world.ts';
import { openApi } from './openapi.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: z.core.JSONSchema.JSONSchema;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly object[];
  readonly 'x-scope'?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Record<string, { readonly description: string; readonly content?: Content }>;
}

type Content = Record<string, { readonly schema: z.core.JSONSchema.JSONSchema }>;

// Through JSON, as its readers get the document.
const document = JSON.parse(JSON.stringify(openApi('1.2.3', '/')));
const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
  ([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);
const names = Object.keys(routes) as RouteName[];

function operationOf(name: RouteName): Operation {
  const { method, path } = routes[name];
  return document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
}

test('the document says its version, its licence and how to sign in', () => {
  expect(document).toMatchObject({
    openapi: expect.stringMatching(/^3\.1\.\d$/),
    info: { title: 'qgjob', version: '1.2.3', license: { name: 'MIT' } },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  });
});

test('it has every call once, under its own name', () => {
  expect(operations.map(({ operation }) => operation.operationId).sort()).toEqual([...names].sort());
});

describe.each(names)('%s', (name) => {
  const operation = operationOf(name);
  const contract: Contract = contracts[name];
  const parameters = operation.parameters ?? [];

  test('declares each part of its path, and no other', () => {
    const inPath = [...routes[name].path.matchAll(/:(\w+)/g)].map(([, part]) => part);
    const declared = parameters.filter((one) => one.in === 'path');
    expect(declared.map((one) => one.name)).toEqual(inPath);
    expect(declared.every((one) => one.required)).toBe(true);
    const all = parameters.map((one) => `${one.in} ${one.name}`);
    expect(new Set(all).size).toBe(all.length);
  });

  test('declares its query, its body and its scope', () => {
    const { shape = {} } = (contract.query ?? {}) as { shape?: object };
    const inQuery = parameters.filter((one) => one.in === 'query').map((one) => one.name);
    expect(inQuery).toEqual(Object.keys(shape));
    expect(operation.requestBody !== undefined).toBe(contract.body !== undefined);
    const isOpen = routes[name].scope === 'open';
    expect(operation.security).toEqual(isOpen ? [] : [{ token: [] }]);
    expect(operation['x-scope']).toBe(isOpen ? undefined : routes[name].scope);
  });

  test('declares each of its answers, and the refusal', () => {
    const { status, otherStatus, mayBeEmpty }: Route = routes[name];
    const expected = [status, otherStatus, mayBeEmpty && 204, 'default'].filter(Boolean).map(String);
    expect(Object.keys(operation.responses).sort()).toEqual(expected.sort());
    for (const { description } of Object.values(operation.responses)) expect(description).not.toBe('');
  });

  test('has schemas that can be read back', () => {
    const contents = [operation.requestBody, ...Object.values(operation.responses)].flatMap((one) =>
      Object.values(one?.content ?? {}),
    );
    const schemas = [...contents.map((one) => one.schema), ...parameters.map((one) => one.schema)];
    for (const schema of schemas.map(resolve)) expect(() => z.fromJSONSchema(schema)).not.toThrow();
  });
});

/** Every `$ref` of the document must point to a part of it. */
function resolve(schema: z.core.JSONSchema.JSONSchema): z.core.JSONSchema.JSONSchema {
  const { $ref } = schema;
  if (!$ref) return schema;
  const found = $ref
    .replace(/^#\//, '')
    .split('/')
    .reduce((at: Record<string, unknown> | undefined, key) => at?.[key] as Record<string, unknown>, document);
  if (!found) throw new Error(`${$ref} leads nowhere`);
  return found;
}

test('every $ref leads somewhere', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
  expect(refs.length).toBeGreaterThan(0);
  for (const $ref of new Set(refs)) expect(() => resolve({ $ref })).not.toThrow();
});

test('what a server really answers fits the schemas that it publishes', async () => {
  const server = await startTestServer();
  const acme = new World(server, await addOrg(server, 'acme'));
  const { job_id: id, run_id: runId } = await acme.finished();
  const { json: published } = await fetchRaw(`${server.url}/openapi.json`, 'GET', {});
  expect(published.paths).toEqual(JSON.parse(JSON.stringify(openApi(published.info.version, '/'))).paths);
  const asked: [RouteName, Record<string, string>][] = [
    ['getRun', { id: runId }],
    ['getJob', { id }],
    ['listJobs', {}],
    ['listAttempts', { id }],
    ['getStats', {}],
    ['whoami', {}],
    ['listTokens', {}],
    ['listWebhooks', {}],
    ['healthDetailed', {}],
  ];
  for (const [name, params] of asked) {
    const { status, json } = await server.ask(name, { params });
    const schema = operationOf(name).responses[status]?.content?.['application/json']?.schema;
    expect(z.fromJSONSchema(resolve(schema ?? {})).parse(json)).toEqual(json);
  }
  const refusal = await server.ask('getJob', { params: { id: 'job_none' } });
  const { schema } = operationOf('getJob').responses.default?.content?.['application/json'] ?? {};
  expect(z.fromJSONSchema(resolve(schema ?? {})).parse(refusal.json)).toEqual(refusal.json);
});
