import { join } from 'node:path';

/** The folder with the installed app of a simulated device. By hand it is one in this folder. */
export const deviceFolder = () => process.env.QGJOB_DEVICE_DIR ?? join(import.meta.dirname, '.qgjob/by-hand');
