import type { DeviceOffer } from '../../protocol/shapes/agent.ts';

/** One thing that runs one test at a time. */
export interface Device {
  /** What the server is told of it; the name is unique within the agent. */
  readonly offer: DeviceOffer;
  /** What its tests need in their environment to find it. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Drives one kind of device. `open` makes the devices of one entry of the configuration; `number` gives the next
 * free number within a target. Drivers of real phones will add `install` here, for registered app files.
 */
export interface Driver<Entry> {
  open(entry: Entry, number: () => number): Device[];
}
