// Loaded into the server before its program: writes what memory is left after a whole collection of garbage to a file
// beside its data folder, again and again. Without it, what the heap holds and what nobody collected yet look alike.
const { renameSync, writeFileSync } = require('node:fs');
const v8 = require('node:v8');
const vm = require('node:vm');

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');
const flag = '--data-dir=';
const file = `${process.argv.find((word) => word.startsWith(flag)).slice(flag.length)}.memory.json`;

setInterval(() => {
  collect();
  writeFileSync(`${file}.new`, JSON.stringify({ pid: process.pid, ...process.memoryUsage() }));
  renameSync(`${file}.new`, file);
}, Number(process.env.QGJOB_SOAK_COLLECT_MS)).unref();
