import type { OpenSide } from '../side.ts';
import { openGraphile } from './open-graphile.ts';

const concurrency = 10;

/** Its defaults, except the number of jobs at a time: with its default of 1 it would mostly wait for the disk. */
const openGraphileDefault: OpenSide = () =>
  openGraphile({
    concurrency,
    connections: concurrency + 2,
    settings: `its defaults, but ${concurrency} jobs at a time; addJobs for bulk; one worker pool in process`,
  });

export default openGraphileDefault;
