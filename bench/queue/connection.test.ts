import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Connection } from './connection.ts';

/** A connection to a server that answers with the request. */
async function openEcho(): Promise<Connection> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const text = `${request.method} ${request.url} ${request.headers['x-who']} ${body}`;
    response.writeHead(201, { 'content-length': Buffer.byteLength(text) }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const connection = await Connection.open(`http://127.0.0.1:${port}`);
  onTestFinished(async () => {
    connection.close();
    await new Promise((resolve) => server.close(resolve));
  });
  return connection;
}

test('calls on one connection are answered one after the other, whatever their size', async () => {
  const connection = await openEcho();
  for (const body of ['', 'ü', 'x'.repeat(3_000_000), 'y']) {
    const answer = await connection.send('POST', '/a?b=1', 'x-who: me\r\n', body);
    expect(answer.status).toBe(201);
    expect(answer.text === `POST /a?b=1 me ${body}`).toBe(true);
  }
});

test('a call on a connection that was closed is refused', async () => {
  const connection = await openEcho();
  connection.close();
  await expect(connection.send('GET', '/', '')).rejects.toThrow('closed');
});
