import { test } from 'vitest';
import { useSignInLab } from '../../test/support/sign-in-lab.ts';
import { expectRefusal } from '../../test/support/world.ts';

const lab = useSignInLab();

test('a workflow that has signed in by GitHub borrows and holds nothing', async () => {
  const token = await lab.tokenFor();
  const target = 'emulator';
  const body = { minutes: 5, target };
  expectRefusal(await lab.server.ask('createBorrow', { token, body }), 403, 'forbidden');
  const submit = { app_version_id: 'v1', tests: ['a.spec.ts'], hold_minutes: 5, allow_no_device: true };
  expectRefusal(await lab.server.ask('submitRun', { token, body: submit }), 403, 'forbidden');
});
