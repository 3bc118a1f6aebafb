import { join } from 'node:path';

/** The folder with the installed app of a simulated device. */
export const deviceFolder = (device) => join(import.meta.dirname, '.qgjob', 'devices', device);
