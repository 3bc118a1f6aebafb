import type { AgentConfig } from '../config.ts';

type Entry = AgentConfig['devices'][number];

/** The entries of single devices, those of sets too. */
export const singleEntries = (devices: AgentConfig['devices']) =>
  devices.flatMap(
    (
      entry,
    ): readonly (
      | Exclude<Entry, { driver: 'set' }>
      | Extract<Entry, { driver: 'set' }>['devices'][number]
    )[] => (entry.driver === 'set' ? entry.devices : [entry]),
  );
