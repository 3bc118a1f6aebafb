import { beforeEach, expect, test } from 'vitest';
import { addOrg, startTestServer, type TestServer } from '../../test/support/server.ts';
import { expectRefusal, World } from '../../test/support/world.ts';

let server: TestServer;
let acme: World;
let rival: World;

beforeEach(async () => {
  server = await startTestServer();
  acme = new World(server, await addOrg(server, 'acme'));
  rival = new World(server, await addOrg(server, 'rival'));
});

const by = (world: World) => server.as(world.tokens.submit);

/** The id of a device that all orgs share. */
async function aSharedDevice(): Promise<string> {
  const body = {
    name: 'rack',
    boot_id: 'boot-of-rack',
    version: '1',
    devices: [{ name: 'd0', target: 'emulator' }],
  };
  const { devices } = await server.client.call('registerAgent', { body });
  return devices[0]?.device_id ?? '';
}

test('any token of the org that changes runs gives back what another one has borrowed', async () => {
  const id = await aSharedDevice();
  const note = 'a look at the sign-in';
  const borrow = await by(acme).call('borrowDevice', { params: { id }, body: { minutes: 30, note } });
  expect(borrow).toMatchObject({ status: 'active', device_id: id, org_id: 'acme', note });
  expect((await by(acme).call('listDevices')).devices).toMatchObject([
    { status: 'borrowed', borrowed_by: borrow.borrowed_by, borrow_note: note, borrow_id: borrow.borrow_id },
  ]);
  const colleague = server.as(acme.tokens.admin);
  expect(await colleague.call('returnDevice', { params: { id } })).toMatchObject({
    status: 'ended',
    ended_as: 'returned',
  });
});

test('a stranger sees that it is borrowed and until when, and gets, keeps and gives back nothing of it', async () => {
  const id = await aSharedDevice();
  const { borrow_id } = await by(acme).call('borrowDevice', { params: { id }, body: { minutes: 30 } });
  const token = rival.tokens.admin;
  const [device] = (await server.as(token).call('listDevices')).devices;
  expect(device).toMatchObject({ status: 'borrowed', borrowed_by: null, borrow_id: null });
  expect(device?.borrowed_until).not.toBeNull();
  const params = { id: borrow_id };
  expectRefusal(await server.ask('returnDevice', { token, params: { id } }), 403, 'forbidden');
  expectRefusal(await server.ask('returnBorrow', { token, params }), 404, 'not_found');
  expectRefusal(await server.ask('getBorrow', { token, params }), 404, 'not_found');
  expectRefusal(await server.ask('extendBorrow', { token, params, body: { minutes: 5 } }), 404, 'not_found');
  expect(await server.as(token).call('listBorrows')).toMatchObject({ borrows: [] });
  const waits = await server.as(token).call('borrowDevice', { params: { id }, body: { minutes: 5 } });
  expect(waits).toMatchObject({ status: 'waiting', position: 1 });
  expect(waits.waits_for).toMatch(/^d0 is borrowed until \d\d:\d\d UTC$/);
  // What waits is its own, and giving it up leaves the other one.
  expect(await server.as(token).call('returnDevice', { params: { id } })).toMatchObject({
    ended_as: 'cancelled',
  });
  expect(await by(acme).call('getBorrow', { params })).toMatchObject({ status: 'active' });
});

test("a device of another org is unknown, and so is a target that only another org's devices offer", async () => {
  const { deviceId, target } = await acme.fleet();
  const token = rival.tokens.submit;
  const body = { minutes: 5 };
  expectRefusal(
    await server.ask('borrowDevice', { token, params: { id: deviceId }, body }),
    404,
    'not_found',
  );
  expectRefusal(await server.ask('returnDevice', { token, params: { id: deviceId } }), 404, 'not_found');
  expectRefusal(await server.ask('createBorrow', { token, body: { ...body, target } }), 400, 'no_device');
  const foreign = { ...body, target, org_id: 'acme' };
  expectRefusal(await server.ask('createBorrow', { token, body: foreign }), 403, 'forbidden');
});

test.each([
  [{ minutes: 0, target: 'emulator' }, /^minutes: a device is borrowed for at least one minute/],
  [{ minutes: 481, target: 'emulator' }, /^minutes: a device is borrowed for at most 480 minutes/],
  [{ minutes: 5 }, /^target: name a device_id or a target/],
  [{ minutes: 5, target: 'emulator', device_id: 'x' }, /^target: name a device_id or a target/],
])('%j is refused', async (body, message) => {
  const answer = await server.ask('createBorrow', { token: acme.tokens.submit, body });
  expectRefusal(answer, 400, 'invalid');
  expect(answer.json.error.message).toMatch(message);
});

test('the operator borrows for itself, and for an org where it names one', async () => {
  const id = await aSharedDevice();
  const own = await server.client.call('borrowDevice', { params: { id }, body: { minutes: 5 } });
  expect(own).toMatchObject({ org_id: null, borrowed_by: 'operator', status: 'active' });
  expectRefusal(
    await server.ask('returnDevice', { token: acme.tokens.admin, params: { id } }),
    403,
    'forbidden',
  );
  await server.client.call('returnBorrow', { params: { id: own.borrow_id } });
  const body = { minutes: 5, org_id: 'acme' };
  const forAcme = await server.client.call('borrowDevice', { params: { id }, body });
  expect(await by(acme).call('returnBorrow', { params: { id: forAcme.borrow_id } })).toMatchObject({
    ended_as: 'returned',
  });
  const unknown = await server.ask('borrowDevice', { params: { id }, body: { ...body, org_id: 'nobody' } });
  expectRefusal(unknown, 404, 'not_found');
});

test('a request that is sent twice is one borrow, and one of a device that the token has sets a later end', async () => {
  const id = await aSharedDevice();
  const input = { body: { device_id: id, minutes: 5 }, idempotencyKey: 'a-key' };
  const first = await by(acme).call('createBorrow', input);
  expect(await by(acme).call('createBorrow', input)).toEqual(first);
  const again = await server.ask('createBorrow', {
    token: acme.tokens.submit,
    body: { device_id: id, minutes: 50 },
  });
  expect([again.status, again.json.borrow_id]).toEqual([200, first.borrow_id]);
  expect(Date.parse(again.json.borrowed_until)).toBeGreaterThan(Date.parse(first.borrowed_until ?? ''));
});

test('the call of one who waits is held until the device is given back', async () => {
  const id = await aSharedDevice();
  await by(acme).call('borrowDevice', { params: { id }, body: { minutes: 30 } });
  const { borrow_id } = await by(rival).call('borrowDevice', { params: { id }, body: { minutes: 5 } });
  const held = by(rival).call('getBorrow', { params: { id: borrow_id }, query: { wait_ms: 25_000 } });
  await by(acme).call('returnDevice', { params: { id } });
  expect(await held).toMatchObject({ status: 'active', device: { name: 'd0', agent: 'rack' } });
});

test('a device that a colleague has is waited for, and the answer names who has it', async () => {
  const id = await aSharedDevice();
  const first = await by(acme).call('borrowDevice', { params: { id }, body: { minutes: 5 } });
  const colleague = server.as(acme.tokens.admin);
  const second = await colleague.call('borrowDevice', { params: { id }, body: { minutes: 50 } });
  expect(second).toMatchObject({ status: 'waiting', position: 1 });
  expect(second.waits_for).toContain(` by ${first.borrowed_by}`);
  // The operator sees the borrow of an org, and has it no more than anybody else.
  const own = await server.client.call('borrowDevice', { params: { id }, body: { minutes: 50 } });
  expect(own).toMatchObject({ status: 'waiting', org_id: null });
  const { borrow_id } = first;
  expect(await by(acme).call('getBorrow', { params: { id: borrow_id } })).toEqual(first);
});

test('a key that comes with another request, or from another token, is refused', async () => {
  const id = await aSharedDevice();
  const idempotencyKey = 'a-key';
  const body = { device_id: id, minutes: 5 };
  const first = await by(acme).call('createBorrow', { body, idempotencyKey });
  const refused = { code: 'conflict', message: expect.stringContaining('used for another borrow') };
  const changed = { body: { ...body, minutes: 50 }, idempotencyKey };
  await expect(by(acme).call('createBorrow', changed)).rejects.toMatchObject(refused);
  const colleague = server.as(acme.tokens.admin);
  await expect(colleague.call('createBorrow', { body, idempotencyKey })).rejects.toMatchObject(refused);
  expect(await by(acme).call('getBorrow', { params: { id: first.borrow_id } })).toEqual(first);
});

test('requests with one key that come at once are one borrow', async () => {
  await aSharedDevice();
  const target = 'emulator';
  await server.client.call('createBorrow', { body: { target, minutes: 5 } });
  const input = { body: { target, minutes: 5 }, idempotencyKey: 'a-key' };
  const made = await Promise.all(Array.from({ length: 8 }, () => by(acme).call('createBorrow', input)));
  expect(new Set(made.map((borrow) => borrow.borrow_id)).size).toBe(1);
});
