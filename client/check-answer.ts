import { answerOutlines } from '../protocol/outlines.ts';
import { type Route, type RouteName, routes } from '../protocol/routes.ts';
import { fillIn, findFlaw } from './check-outline.ts';
import { parseJson } from './json.ts';
import type { Received } from './receive.ts';

/** The answer, or in a few words why it is none of this route's. */
export type Checked = { readonly value: unknown } | { readonly why: string };

/** How one kind of client holds answers against the contract. */
export type Check = (name: RouteName, received: Received) => Checked;

/** What a call is answered with: `bytes`, `none`, or a shape in whatever form the caller checks it by. */
export interface Expected {
  readonly answer: unknown;
}

/**
 * Holds a success against the route's contract: its status, its fields and their types. A newer server may have more
 * fields, and more words where there is a list of them: those come through, and whoever meets such a word takes it for
 * nothing good. What a text says is held against the rules for texts only where an agent acts on it (check-shape.ts): a
 * reader must still see rows of a server with other rules.
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

/** Whatever is not a matter of the shape. */
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

/** Bytes of a test may look like anything, so their headers tell whose they are. */
function checkBytes(name: RouteName, { headers, bytes }: Received): Checked {
  const type = headers.get('content-type') ?? '';
  const isOurs =
    name === 'readLogs'
      ? /^text\/plain\b/i.test(type)
      : // A page may be an artifact too. Ours go by the hash of their bytes.
        !/\bhtml\b/i.test(type) || /^(?:W\/)?"[0-9a-f]{64}"$/.test(headers.get('etag') ?? '');
  return isOurs ? { value: bytes } : { why: `bytes of the type ${type || 'none'}` };
}
