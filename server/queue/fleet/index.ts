// Agents, devices and pools: what other rooms and the callers of the queue may use of this room.
export { agentsOf } from './agents-of.ts';
export { countDevices, type DeviceCount } from './count-devices.ts';
export { deviceMay, deviceStatus, isBorrowed, isOnline } from './device-may.ts';
export { deviceNames } from './device-names.ts';
export { type DeviceFilters, listAgents, listDevices, listGroups, readDevice } from './list-fleet.ts';
export { patchAgent, patchDevice, poolChanged } from './patch-fleet.ts';
export { replaceBatches } from './place-batches.ts';
export { registerAgent } from './register-agent.ts';
export { repairPools } from './repair-pools.ts';
export { type PoolClock, type PoolKey, readClocks, readPool, writeClocks } from './virtual-clocks.ts';
export { isOffered, poolFor } from './which-pool.ts';
