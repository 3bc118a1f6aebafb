import * as z from 'zod';
import { addressType } from '../../protocol/address-type.ts';
import type { Contract } from '../../protocol/contract.ts';
import { contracts } from '../../protocol/contracts.ts';
import { errorTable } from '../../protocol/errors.ts';
import { type Route, type RouteName, routes } from '../../protocol/routes.ts';
import { StreamedEvent } from '../../protocol/shapes/events.ts';
import { FileAddress } from '../../protocol/shapes/upload.ts';

const toSchema = (shape: z.ZodType, io: 'input' | 'output') =>
  z.toJSONSchema(shape, { io, target: 'draft-2020-12', unrepresentable: 'any' });

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'request_id'],
      properties: {
        code: { enum: Object.keys(errorTable) },
        message: { type: 'string' },
        details: { type: 'object' },
        request_id: { type: 'string' },
      },
    },
  },
};

/** OpenAPI 3.1 of all calls, made from the shapes that check them. `server` is the address that the paths belong to. */
export function openApi(version: string, server: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name as RouteName, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'qgjob', version, license: { name: 'MIT' } },
    servers: [{ url: server }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: errorSchema },
    },
  };
}

function operation(name: RouteName, route: Route) {
  const contract: Contract = contracts[name];
  const parameters = [...pathParameters(route.path), ...queryParameters(contract), ...keyParameter(name)];
  return {
    operationId: name,
    summary: route.summary,
    ...(route.scope === 'open' ? { security: [] } : { security: [{ token: [] }], 'x-scope': route.scope }),
    ...(parameters.length > 0 && { parameters }),
    ...(contract.body && { requestBody: { required: true, content: content(contract.body, 'input') } }),
    responses: {
      [route.status]: name === 'followEvents' ? eventStream : withAddress(name, answer(contract, 'Done')),
      ...(route.otherStatus && {
        [route.otherStatus]: answer(contract, otherMeaning[route.otherStatus]),
      }),
      ...(route.mayBeEmpty && { 204: { description: 'Nothing to do' } }),
      default: {
        description: 'Refused',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

const otherMeaning: Record<number, string> = {
  200: 'Done before, under the same Idempotency-Key',
  206: 'The part that the header Range asked for',
  503: 'Up, but not able to take work',
};

const answer = (contract: Contract, description = '') => ({
  description,
  ...(contract.answer !== 'none' && { content: content(contract.answer, 'output') }),
});

const eventStream = {
  description:
    'Each event: `id` is its number, `data` is this as JSON. An event `reset` says that events are missing: read again. An event `ready` says from where on events come',
  content: { 'text/event-stream': { schema: toSchema(StreamedEvent, 'output') } },
};

const ofStores: readonly RouteName[] = [
  'getArtifact',
  'getBundle',
  'getAppFile',
  'getLeaseSource',
  'getLeaseApp',
];

/** A file may be answered by its address, where the caller names that type. */
function withAddress(name: RouteName, done: ReturnType<typeof answer>) {
  if (!ofStores.includes(name)) return done;
  return {
    ...done,
    content: { ...done.content, [addressType]: { schema: toSchema(FileAddress, 'output') } },
  };
}

const content = (shape: z.ZodType | 'bytes' | 'stream' | 'none', io: 'input' | 'output') =>
  typeof shape === 'string'
    ? { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
    : { 'application/json': { schema: toSchema(shape, io) } };

const pathParameters = (path: string) =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function queryParameters({ query }: Contract) {
  if (!query) return [];
  const { properties = {}, required = [] } = toSchema(query, 'input');
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

/** Whether the call accepts an Idempotency-Key. */
export const takesKey = (name: RouteName): boolean => name.startsWith('submit') || name.startsWith('retry');

const keyParameter = (name: RouteName) =>
  takesKey(name)
    ? [{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', maxLength: 200 } }]
    : [];
