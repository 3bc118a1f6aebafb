import type { OpenSide } from '../side.ts';
import { openGraphile } from './open-graphile.ts';

const concurrency = 10;

/** Its defaults, but for the number of jobs at a time: that is 1 by default, which would leave it waiting for the disk. */
const openGraphileDefault: OpenSide = () =>
  openGraphile({
    name: 'graphile-worker default',
    concurrency,
    connections: concurrency + 2,
    settings: `its defaults, but ${concurrency} jobs at a time; addJobs for bulk; one worker pool in process`,
  });

export default openGraphileDefault;
