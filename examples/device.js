import { join } from 'node:path';

/** Where a simulated device keeps what is installed on it. */
export const deviceFolder = (device) => join(import.meta.dirname, '.qgjob', 'devices', device);
