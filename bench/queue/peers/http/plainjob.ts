import type { OpenHttpPeer } from './http-peer.ts';
import { openPlainjob } from './open-plainjob.ts';

/** As it opens itself. */
const openNormal: OpenHttpPeer = (dir) => openPlainjob(dir, 'normal');

export default openNormal;
