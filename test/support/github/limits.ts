import type { CheckBody } from './store.ts';

const maxText = 65_535;
const titleLength = 255;
const bytesOf = (text: string): number => Buffer.byteLength(text);

/** What GitHub refuses beyond its description: texts that are too long, an end without a conclusion. */
export function checkLimits(given: unknown): string | undefined {
  const body = (given ?? {}) as CheckBody & { readonly body?: string };
  const { output } = body;
  if (body.status === 'completed' && body.conclusion === undefined) return 'completed needs a conclusion';
  if (body.head_sha !== undefined && !/^[0-9a-f]{40}$/.test(body.head_sha)) return 'No commit found for SHA';
  if (body.body !== undefined && (body.body === '' || body.body.length > maxText))
    return 'body is too long (maximum is 65536 characters)';
  if (output === undefined) return undefined;
  if (bytesOf(output.summary) > maxText) return 'output.summary exceeds 65535';
  if (bytesOf(output.text ?? '') > maxText) return 'output.text exceeds 65535';
  if ((output.title ?? '').length > titleLength) return 'output.title is too long';
  const wrong = (output.annotations ?? []).find(
    ({ path, start_line: line, title = '', message }) =>
      line < 1 || /^(?:\/|\.\.?\/)/.test(path) || title.length > titleLength || bytesOf(message) > 65_536,
  );
  return wrong === undefined
    ? undefined
    : `an annotation at ${wrong.path}:${wrong.start_line} is not allowed`;
}
