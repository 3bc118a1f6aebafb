const outGone = new AbortController();

/** Aborts when nobody reads stdout any more. A command that only prints may end then; a wait goes on. */
export const stdoutGone: AbortSignal = outGone.signal;

// A reader that has ended (`| head`), and a terminal that was closed.
const gone = ['EPIPE', 'EIO'];

/** A reader that has gone is no error. */
export function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!gone.includes(error.code ?? '')) throw error;
      if (stream === process.stdout) outGone.abort();
    });
  }
}

/** Data: a line on stdout. */
export const print = (line: string): void => void (stdoutGone.aborted || process.stdout.write(`${line}\n`));

/** JSON in one line. DEL and the C1 controls, which JSON lets stand, are escaped: a terminal would act on them. */
export function jsonLine(value: unknown): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[\u007f-\u009f]/g, escaped);
}

export const printJson = (value: unknown): void => print(jsonLine(value));

/** Messages: a line on stderr. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Bytes on stdout; resolves when the reader has room for more. */
export function printBytes(bytes: Uint8Array | string): Promise<void> {
  if (stdoutGone.aborted || bytes.length === 0) return Promise.resolve();
  // survivePipes() handles a write that fails.
  return new Promise((resolve) => process.stdout.write(bytes, () => resolve()));
}
