import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openRaw, type RawConnection } from '../../test/support/raw-connection.ts';
import { Connections } from './connections.ts';

/** A server with these caps, which keeps calls of `/held` open. */
async function openLab(most: number, mostPerAddress = most) {
  const connections = new Connections({ most, mostPerAddress, keyOf: (address) => address });
  const server = createServer((request, response) => {
    if (request.url !== '/held') response.end('answered');
    else response.write('begun');
  });
  connections.watch(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const open = async (text = '') => {
    const { socket, seen } = await openRaw(port);
    if (text !== '') socket.write(text);
    return { socket, seen };
  };
  return { connections, open };
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;
const sees = ({ seen }: RawConnection, text: string) => expect.poll(() => seen.text).toContain(text);

test('the connection that is quiet for the longest time makes room, never one with a call in progress', async () => {
  const { open, connections } = await openLab(3);
  const held = await open(get('/held'));
  await sees(held, 'begun');
  const halfOpen = await open('GET / HTTP/1.1\r\nx-slow: ');
  const idle = await open(get('/'));
  await sees(idle, 'answered');
  const third = await open(get('/'));
  await sees(third, 'answered');
  await expect.poll(() => halfOpen.seen.isClosed).toBe(true);
  const fourth = await open(get('/'));
  await sees(fourth, 'answered');
  await expect.poll(() => idle.seen.isClosed).toBe(true);
  expect([held.seen.isClosed, connections.count]).toEqual([false, 3]);
});

test('where all connections have calls in progress, a new one is told to come again', async () => {
  const { open, connections } = await openLab(2);
  const held = [await open(get('/held')), await open(get('/held'))];
  for (const one of held) await sees(one, 'begun');
  const refused = await open(get('/'));
  await sees(refused, 'HTTP/1.1 503');
  await expect.poll(() => refused.seen.isClosed).toBe(true);
  held[0]?.socket.destroy();
  await expect.poll(() => connections.count).toBe(1);
  await sees(await open(get('/')), 'answered');
});

test('an address that has its share takes room from itself alone', async () => {
  const { open, connections } = await openLab(10, 2);
  const first = await open();
  await expect.poll(() => connections.count).toBe(1);
  await open();
  await expect.poll(() => connections.count).toBe(2);
  await sees(await open(get('/')), 'answered');
  await expect.poll(() => first.seen.isClosed).toBe(true);
  expect(connections.count).toBe(2);
});
