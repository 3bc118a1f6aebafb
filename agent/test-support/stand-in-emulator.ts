// A stand-in for the Android emulator, run as a program: it takes the words that are used here, runs a fake phone on the port of
// adb and a console, and tells adb's server of itself as the real one does. It never ran beside a real one.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { FakePhone } from './fake-phone.ts';

const [folder = '', adbServer = '', ...words] = process.argv.slice(2);
const has = (name: string): boolean => existsSync(join(folder, name));
const after = (word: string): string => words[words.indexOf(word) + 1] ?? '';

async function run(): Promise<void> {
  const port = Number(after('-port'));
  // As the real one starts the program that does the work.
  const worker = spawn('sleep', ['600'], { stdio: 'ignore' });
  const note = { pid: process.pid, worker: worker.pid, words };
  appendFileSync(join(folder, 'starts'), `${JSON.stringify(note)}\n`);
  if (has('broken')) {
    process.stderr.write(readFileSync(join(folder, 'broken')));
    worker.kill('SIGKILL');
    process.exitCode = 1;
    return;
  }
  const phone = new FakePhone();
  const look = (): void => {
    phone.booted = !has('hold');
  };
  look();
  setInterval(look, 20);
  await phone.plug(port + 1);
  const console = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      if (!/^kill\b/m.test(bytes.toString())) return;
      appendFileSync(join(folder, 'killed'), `${port}\n`);
      worker.kill('SIGKILL');
      process.kill(process.pid, 'SIGKILL');
    });
  });
  console.listen(port, '127.0.0.1');
  tell(`host:emulator:${port + 1}`);
}

function tell(service: string): void {
  const socket = connect(Number(adbServer), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.end(`${service.length.toString(16).padStart(4, '0')}${service}`);
}

if (words.includes('-list-avds')) process.stdout.write(readFileSync(join(folder, 'avds')));
else await run();
