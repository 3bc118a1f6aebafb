import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** An upload whose pieces the test sends itself. */
export interface RawUpload {
  write(bytes: string | Uint8Array): void;
  /** What the server says, before it has all the bytes. */
  answer(): Promise<Answer>;
  /** Hangs up in the middle. */
  cut(): void;
  /** Sends what is left; answers what the server says. */
  end(bytes?: string | Uint8Array): Promise<Answer>;
}

/** Opens a PUT to this path, as it is; in chunks, where no length is given. */
export function openUpload(url: string, path: string, token: string, length?: number): RawUpload {
  const { hostname, port } = new URL(url);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(length === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': length }),
  };
  const call: ClientRequest = request({ hostname, port, path, method: 'PUT', headers, agent: false });
  const answer = new Promise<Answer>((resolve, reject) => {
    call.on('error', reject);
    call.on('response', async (response: IncomingMessage) => {
      resolve({ status: response.statusCode ?? 0, body: await json(response) });
    });
  });
  // A test that cuts the call does not ask what became of it.
  answer.catch(() => undefined);
  call.flushHeaders();
  return {
    write: (bytes) => void call.write(bytes),
    answer: () => answer,
    cut: () => void call.destroy(),
    end(bytes) {
      call.end(bytes);
      return answer;
    },
  };
}
