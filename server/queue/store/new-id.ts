import { uuidv7obj } from 'uuidv7';
import { idPrefixes } from '../../../protocol/ids.ts';

/** A new id. Ids sort by time, so that the rows of a run are neighbours in every index. */
export const newId = (kind: keyof typeof idPrefixes): string => idPrefixes[kind] + uuidv7obj().toHex();
