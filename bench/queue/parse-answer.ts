export interface Answer {
  readonly status: number;
  readonly text: string;
}

const headEnd = '\r\n\r\n';

/** Bytes of the answer still to come. The servers here send the head in one piece, and the length of what has a body. */
export function missingIn(first: Buffer): number {
  const end = first.indexOf(headEnd);
  const head = first.toString('latin1', 0, end);
  if (end < 0 || /\r\ntransfer-encoding:/i.test(head)) {
    throw new Error(`an answer without a length: ${first.toString('latin1', 0, 300)}`);
  }
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  return length - (first.length - end - headEnd.length);
}

export function parseAnswer(bytes: Buffer): Answer {
  const end = bytes.indexOf(headEnd);
  return {
    status: Number(bytes.toString('latin1', 9, 12)),
    text: bytes.toString('utf8', end + headEnd.length),
  };
}
