import { patchAgent, patchDevice } from '../../queue/fleet/index.ts';
import type { Action } from '../page.ts';
import { safeNext } from '../session/safe-next.ts';

/** A switch of a device leads back to the page that it stood on. */
const switchDevice = (word: string, paused: boolean): Action => ({
  path: `/devices/:id/${word}`,
  scope: 'admin',
  async act({ queue }, call) {
    await patchDevice(queue, call.param('id'), { paused }, call.owner);
    const back = safeNext(call.field('back'));
    return back.startsWith('/devices') ? back : '/devices';
  },
});

const switchAgent = (word: string, drain: boolean): Action => ({
  path: `/agents/:id/${word}`,
  scope: 'admin',
  async act({ queue }, call) {
    await patchAgent(queue, call.param('id'), { drain }, call.owner);
    return `/agents#row-${call.param('id')}`;
  },
});

export const fleetActions: readonly Action[] = [
  switchDevice('pause', true),
  switchDevice('resume', false),
  switchAgent('drain', true),
  switchAgent('undrain', false),
];
