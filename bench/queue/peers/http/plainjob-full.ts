import type { OpenHttpPeer } from './http-peer.ts';
import { openPlainjob } from './open-plainjob.ts';

/** Each commit is on disk before the answer, as with us. */
const openFull: OpenHttpPeer = (dir) => openPlainjob(dir, 'full');

export default openFull;
