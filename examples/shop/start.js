// Builds a version of the shop in a temporary folder and runs it from there: node shop/start.js VERSION
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildShop } from './build.js';

const folder = mkdtempSync(join(tmpdir(), 'shop-'));
await buildShop(process.argv[2], folder);
await import(join(folder, 'server.js'));
// All files are loaded now.
rmSync(folder, { recursive: true, force: true });
