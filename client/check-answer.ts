import { answerOutlines } from '../protocol/answer-outlines.ts';
import { type Route, type RouteName, routes } from '../protocol/routes.ts';
import { fillIn, findFlaw } from './check-outline.ts';
import { parseJson } from './json.ts';
import type { Received } from './receive.ts';

/** The answer, or in a few words why it cannot be one of this route. */
export type Checked = { readonly value: unknown } | { readonly why: string };

/** How a client checks answers. */
export type Check = (name: RouteName, received: Received) => Checked;

/** The answer of a call: `bytes`, `none`, or its shape. */
export interface Expected {
  readonly answer: unknown;
}

/**
 * Checks a success: its status, its fields and their types. More fields, and more words in an enum, may come from a
 * newer server and pass; a caller treats an unknown word as no success. The contents of texts are checked only for
 * agents (check-shape.ts): a reader must still see the rows of a server with other rules for them.
 */
export function checkAnswer(name: RouteName, received: Received): Checked {
  const answer = answerOutlines[name];
  if (!answer) return { why: 'a call without an outline' };
  const body = checkBody(name, { answer }, received);
  if (!('json' in body)) return body;
  if (typeof answer === 'string') return { why: 'not JSON' };
  const flaw = findFlaw(answer, body.json);
  if (flaw) return { why: `${flaw.path} ${flaw.why}`.trim() };
  return { value: fillIn(answer, body.json) };
}

/** All but the shape of a JSON body: the status, the size, bytes and empty answers. */
export function checkBody(
  name: RouteName,
  { answer }: Expected,
  received: Received,
): Checked | { readonly json: unknown } {
  const { status, otherStatus, mayBeEmpty }: Route = routes[name];
  if (received.status === 204) {
    return answer === 'none' || mayBeEmpty ? { value: undefined } : { why: 'an empty answer' };
  }
  if (received.status !== status && received.status !== otherStatus) {
    return { why: `not the status ${status} of this call` };
  }
  if (received.isCut) return { why: 'too long' };
  if (answer === 'none') return { why: 'an answer to a call that has none' };
  if (answer === 'bytes') return checkBytes(name, received);
  const json = parseJson(received.bytes);
  return json === undefined ? { why: 'no JSON' } : { json };
}

/** Bytes of a test may look like anything, so their headers show whether they are the server's. */
function checkBytes(name: RouteName, { headers, bytes }: Received): Checked {
  const type = headers.get('content-type') ?? '';
  const isOurs =
    name === 'readLogs'
      ? /^text\/plain\b/i.test(type)
      : // An artifact may be a page too; the server's ETag is the hash of its bytes.
        !/\bhtml\b/i.test(type) || /^(?:W\/)?"[0-9a-f]{64}"$/.test(headers.get('etag') ?? '');
  return isOurs ? { value: bytes } : { why: `bytes of the type ${type || 'none'}` };
}
