import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { deviceFolder } from '../device.js';

/**
 * Starts the shop that is installed on the device of this job before the tests of a file, and stops it after them.
 * Returns a client: `shop.get(path)` and `shop.post(path, body)` resolve with { status, body }.
 */
export function installedShop() {
  const device = process.env.QGJOB_DEVICE ?? 'by-hand';
  let child;
  let url;
  before(async () => {
    const program = join(deviceFolder(), 'server.js');
    if (!existsSync(program)) throw new Error(`nothing is installed on ${device}: run node install.js v1`);
    child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) {
      url = line;
      break;
    }
    if (url === undefined) throw new Error('the shop did not start');
  });
  after(() => child?.kill());
  const call = async (method, path, body) => {
    const answer = await fetch(url + path, { method, body: body && JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  return { get: (path) => call('GET', path), post: (path, body = {}) => call('POST', path, body) };
}
