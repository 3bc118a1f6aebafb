import type { Github } from '../protocol/shapes/origin.ts';

/** How a leg of a matrix is called: by its values, or by digits where a submit does not say them. Undefined: there is no matrix. */
export const legName = ({ leg, leg_name: name }: Pick<Github, 'leg' | 'leg_name'>): string | undefined =>
  name ?? leg?.slice(0, 8);
