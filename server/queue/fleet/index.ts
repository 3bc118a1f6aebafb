// Agents, devices and pools. All that other rooms and the callers of the queue may use of this room.
export { deviceMay } from './device-may.ts';
export { askedKey, findUnoffered, isOffered, isPool, noSuchPool } from './find-unoffered.ts';
export { listAgents, listDevices, listGroups } from './list-fleet.ts';
export { patchAgent } from './patch-agent.ts';
export { patchDevice } from './patch-device.ts';
export { replaceBatches } from './place-batches.ts';
export { poolChanged } from './pool-changed.ts';
export { registerAgent } from './register-agent.ts';
export { repairPools } from './repair-pools.ts';
export {
  batchesPerRead,
  clockColumns,
  type PoolKey,
  readClocks,
  tellClock,
  writeClocks,
} from './virtual-clocks.ts';
export { poolFor } from './which-pool.ts';
