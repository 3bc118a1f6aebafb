import { QgjobError } from '../../protocol/errors.ts';
import { type ConnectionFlags, findLogin } from '../config.ts';
import type { FirstFile } from './first-file.ts';

/**
 * `qgjob.config.json` with the address of a server that others reach too; undefined where none is known: that of the folder
 * itself is found without a file, and has a token there.
 */
export function settingsFile(flags: ConnectionFlags): FirstFile | undefined {
  const url = serverOf(flags);
  if (url === undefined) return undefined;
  const settings = { $schema: './node_modules/qgjob/cli/qgjob-config.schema.json', server_url: url };
  return { path: 'qgjob.config.json', text: `${JSON.stringify(settings, undefined, 2)}\n` };
}

function serverOf(flags: ConnectionFlags): string | undefined {
  try {
    const { server } = findLogin(flags);
    return server.by === 'folder' ? undefined : server.value;
  } catch (error) {
    if (error instanceof QgjobError && error.code === 'unavailable') return undefined;
    throw error;
  }
}
