import type { Installed, Lease } from '../../protocol/shapes/agent.ts';
import type { Device } from './driver.ts';

/** One device and what this process put on it. */
export interface Slot {
  readonly device: Device;
  /** The app that is on it; undefined: nothing that we know of. */
  installed: Installed | undefined;
  /** The framework whose install command put it there; undefined where no command ran. */
  installedBy: string | undefined;
}

export const openSlot = (device: Device): Slot => ({ device, installed: undefined, installedBy: undefined });

/** True when the framework's own install has run on this device for the lease's app. */
export function hasInstalled(slot: Slot, lease: Lease, framework: string): boolean {
  return (
    slot.installedBy === framework &&
    slot.installed?.org_id === lease.org_id &&
    slot.installed.app_version_id === lease.app_version_id
  );
}
