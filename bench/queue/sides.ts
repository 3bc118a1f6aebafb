import { join } from 'node:path';
import type { Part } from './options.ts';

/** A side and what it can be asked for. */
export interface SideEntry {
  readonly name: string;
  /** Path of the module whose default export opens it. */
  readonly module: string;
  readonly parts: readonly Part[];
}

/** Path of a module here that a child process opens. */
export const ownModule = (name: string): string => join(import.meta.dirname, `${name}.ts`);
const peer = (name: string): string => join(import.meta.dirname, 'peers', `${name}.ts`);
const all: readonly Part[] = ['a', 'b', 'c', 'd'];

export const ownSides: readonly SideEntry[] = [
  { name: 'qgjob', module: ownModule('ours'), parts: all },
  { name: 'floor', module: ownModule('floor'), parts: ['a'] },
  { name: 'raw insert', module: ownModule('raw-insert'), parts: ['a', 'b'] },
];

export const peerSides: readonly SideEntry[] = [
  { name: 'plainjob', module: peer('plainjob'), parts: all },
  { name: 'bullmq', module: peer('bullmq'), parts: all },
  { name: 'pg-boss', module: peer('pg-boss'), parts: all },
  { name: 'pg-boss single', module: peer('pg-boss-single'), parts: all },
  { name: 'graphile default', module: peer('graphile-default'), parts: all },
  { name: 'graphile tuned', module: peer('graphile-tuned'), parts: all },
];
