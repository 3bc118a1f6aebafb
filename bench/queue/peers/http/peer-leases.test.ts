import { expect, test } from 'vitest';
import { ListPeer } from './list-peer.ts';
import { PeerLeases } from './peer-leases.ts';

const payload = { app_version_id: 'v1.0.0', test_path: 'a', target: 'emulator' };
const open = () => new AbortController();

test('jobs taken for a caller that is gone are the next one’s', async () => {
  const peer = new ListPeer();
  const leases = new PeerLeases(peer);
  const gone = open();
  peer.add(payload);
  const taking = leases.take(20_000, gone.signal);
  gone.abort();
  expect(await taking).toEqual([]);
  expect(await leases.take(0, open().signal)).toMatchObject([{ id: '1' }]);
});

test('a caller that goes away while it waits gets nothing, and takes nothing from others', async () => {
  const peer = new ListPeer();
  const leases = new PeerLeases(peer);
  const gone = open();
  const waiting = leases.take(20_000, gone.signal);
  gone.abort();
  expect(await waiting).toEqual([]);
  const other = leases.take(20_000, open().signal);
  peer.add(payload);
  leases.wake(1);
  expect(await other).toMatchObject([{ id: '1' }]);
});

test('a caller that a submit wakes knows how many jobs it added, and looks for all if it was not woken', async () => {
  const peer = new ListPeer();
  const looks: (number | undefined)[] = [];
  const leases = new PeerLeases({
    take(most, added) {
      looks.push(added);
      return peer.take(most);
    },
  });
  const waiting = [leases.take(20_000, open().signal), leases.take(20_000, open().signal)];
  await Promise.resolve();
  peer.addAll(Array.from({ length: 20 }, () => payload));
  leases.wake(20);
  expect((await Promise.all(waiting)).map(({ length }) => length)).toEqual([16, 4]);
  expect(looks).toEqual([undefined, undefined, 16, 4]);
});

test('jobs that are added while a caller looks are not missed', async () => {
  const peer = new ListPeer();
  const leases = new PeerLeases({
    async take(most) {
      const found = peer.take(most);
      if (peer.countLeft() === 0) {
        peer.add(payload);
        leases.wake(1);
      }
      return found;
    },
  });
  expect(await leases.take(20_000, open().signal)).toMatchObject([{ id: '1' }]);
});
