import type { AdbStream } from './adb-stream.ts';

const mostBytes = 64 * 1024;

/** The part of adb's file transfer by which files are fetched. Source: `SYNC.TXT` of the Android Debug Bridge. */
export function serveFiles(stream: AdbStream, files: ReadonlyMap<string, Buffer>): void {
  let rest: Buffer = Buffer.alloc(0);
  stream.receive = (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 8 && rest.length >= 8 + rest.readUInt32LE(4)) {
      const id = rest.toString('latin1', 0, 4);
      const end = 8 + rest.readUInt32LE(4);
      const file = files.get(rest.toString('utf8', 8, end));
      rest = rest.subarray(end);
      if (id === 'STAT') stream.send(answer('STAT', file ? 0o100_644 : 0, file?.length ?? 0, 1));
      else if (id === 'RECV') send(stream, file);
      else stream.end();
    }
  };
}

function send(stream: AdbStream, file: Buffer | undefined): void {
  if (file === undefined) {
    const words = Buffer.from('No such file or directory');
    stream.send(Buffer.concat([answer('FAIL', words.length), words]));
    return;
  }
  for (let at = 0; at < file.length; at += mostBytes) {
    const piece = file.subarray(at, at + mostBytes);
    stream.send(Buffer.concat([answer('DATA', piece.length), piece]));
  }
  stream.send(answer('DONE', 0));
}

function answer(id: string, ...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * numbers.length);
  bytes.write(id, 0, 'latin1');
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number, 4 + 4 * index);
  return bytes;
}
