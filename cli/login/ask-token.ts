import { QgjobError } from '../../protocol/errors.ts';
import { readTokenFile } from '../token-file.ts';

/**
 * A token that a person types or pastes on a terminal, where it is not shown; from a pipe, all of stdin. Errors:
 * `invalid` without one.
 */
export async function askToken(url: string): Promise<string> {
  if (!process.stdin.isTTY) return readTokenFile('-');
  const typed = await readHidden(`Token for ${url} (it is not shown): `);
  if (typed !== '') return typed;
  throw new QgjobError('invalid', 'no token was given; an admin makes one with `qgjob tokens create`');
}

async function readHidden(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const { Writable } = await import('node:stream');
  process.stderr.write(question);
  // What is typed is written to this stream, which shows nothing.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  const interrupt = new AbortController();
  lines.once('SIGINT', () => interrupt.abort());
  lines.once('close', () => interrupt.abort());
  try {
    return (await lines.question('', { signal: interrupt.signal })).trim();
  } catch {
    throw new QgjobError('invalid', 'interrupted; nothing was changed', { exitCode: 130 });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
