import { createServer, type Server, type Socket } from 'node:net';
import { type AdbPacket, AdbPackets, packet } from './adb-packets.ts';
import { AdbStream, shellPacket } from './adb-stream.ts';
import { serveFiles } from './adb-sync.ts';
import type { PhoneScreen } from './phone-screen.ts';
import { PhoneTasks } from './phone-tasks.ts';
import { banner, batteryText, diskText, firstServices, services, windowText } from './phone-texts.ts';

/** Bytes that adb may send in one packet. */
const mostBytes = 256 * 1024;
const version = 0x0100_0001;

/**
 * A phone as adb sees it: the transport of adb over TCP, with a shell that knows what the driver asks and an installer that
 * takes any bytes. A stand-in: what a real phone prints was written from its documentation.
 */
export class FakePhone {
  battery = 87;
  /** Tenths of a degree. */
  temperature = 271;
  freeKib = 90_000_000;
  dialog: string | undefined;
  booted = true;
  /** Takes no connection for granted: adb shows it as unauthorized. */
  isTrusting = true;
  /** How the next installs fail, in turn. */
  readonly installFailures: string[] = [];
  /** It goes away after so many bytes of an install. */
  cutInstallAt: number | undefined;
  /** It is unplugged in the middle of each install. */
  flees = false;
  /** No install that begins now has an end. */
  stallsInstalls = false;
  /** How many installs have none. */
  stalled = 0;
  /** It takes calls and answers none. */
  isHanging = false;
  /** How often it was asked how it is. */
  looks = 0;
  /** What was installed and uninstalled, and how that ended. */
  readonly log: string[] = [];
  /** The package of every app that is installed. */
  installsAs = 'com.example.shop';
  /** Nothing can be uninstalled. */
  keepsPackages = false;
  readonly tasks = new PhoneTasks();
  /** For tests that look at it and tap. */
  screen: PhoneScreen | undefined;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  /** As adb names it. */
  get serial(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** From now on it can be connected to, always on the same port: at first this one, or any that is free. */
  async plug(port = this.#port): Promise<this> {
    const server = createServer((socket) => this.#serve(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as { port: number }).port;
    this.#server = server;
    return this;
  }

  async unplug(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  #serve(socket: Socket): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    const streams = new Map<number, AdbStream>();
    socket.on('close', () => {
      this.#sockets.delete(socket);
      for (const stream of streams.values()) stream.closed?.();
    });
    socket.on('error', () => undefined);
    const packets = new AdbPackets();
    socket.on('data', (bytes: Buffer) => {
      for (const one of packets.read(bytes)) this.#take(socket, streams, one);
    });
  }

  #take(socket: Socket, streams: Map<number, AdbStream>, { command, first, second, data }: AdbPacket): void {
    const send = (name: string, a: number, b: number, bytes?: Uint8Array): void => {
      if (!socket.destroyed) socket.write(packet(name, a, b, bytes));
    };
    if (command === 'CNXN') {
      if (this.isTrusting) send('CNXN', version, mostBytes, Buffer.from(banner));
      else send('AUTH', 1, 0, Buffer.alloc(20, 7));
    } else if (command === 'AUTH' && first === 2) send('AUTH', 1, 0, Buffer.alloc(20, 8));
    else if (command === 'OPEN') {
      if (this.isHanging) return;
      const id = streams.size + 1;
      const stream = new AdbStream(
        (bytes) => send('WRTE', id, first, bytes),
        () => send('CLSE', id, first),
      );
      streams.set(id, stream);
      send('OKAY', id, first);
      this.#open(stream, data.toString().replace(/\0+$/, ''), socket);
    } else if (command === 'OKAY') streams.get(second)?.taken();
    else if (command === 'CLSE') streams.get(second)?.closed?.();
    else if (command === 'WRTE') {
      send('OKAY', second, first);
      streams.get(second)?.receive?.(data);
    }
  }

  #open(stream: AdbStream, service: string, socket: Socket): void {
    const install = /^exec:cmd package 'install' (.*)-S (\d+)$/.exec(service);
    const shell = /^shell,v2[^:]*:(.*)$/s.exec(service);
    const exec = /^exec:(.*)$/s.exec(service);
    if (service === 'sync:') serveFiles(stream, this.tasks.files);
    else if (install) this.#install(stream, install[1] ?? '', Number(install[2]), socket);
    else if (shell && this.tasks.open(shell[1] ?? '', stream)) return;
    else if (shell) {
      stream.send(shellPacket(1, Buffer.from(this.#shell(shell[1] ?? ''))));
      stream.send(shellPacket(3, Buffer.from([0])));
      stream.end();
    } else {
      if (exec) stream.send(Buffer.from(this.#shell(exec[1] ?? '')));
      stream.end();
    }
  }

  #install(stream: AdbStream, flags: string, size: number, socket: Socket): void {
    let got = 0;
    stream.receive = (bytes) => {
      got += bytes.length;
      if (this.stallsInstalls) {
        this.stalled += 1;
        stream.receive = () => undefined;
        return;
      }
      if (this.flees) void this.unplug();
      else if (this.cutInstallAt !== undefined && got >= this.cutInstallAt) {
        this.cutInstallAt = undefined;
        this.log.push('cut');
        socket.destroy();
      } else if (got >= size) {
        const failure = this.installFailures.shift();
        if (failure === undefined) this.tasks.install(this.installsAs);
        this.log.push(failure ?? `installed ${flags.replaceAll("'", '').trim()}`);
        stream.send(Buffer.from(failure === undefined ? 'Success\n' : `Failure [${failure}]\n`));
        stream.end();
      }
    };
  }

  /** A script of commands between `; `. */
  #shell(script: string): string {
    return script
      .split('; ')
      .map((command) => this.#run(command))
      .join('');
  }

  #run(command: string): string {
    const answer = this.tasks.run(command) ?? this.screen?.run(command);
    if (answer !== undefined) return answer;
    if (command.startsWith('echo anim ')) return `anim ${this.booted ? 'stopped' : 'running'}\n`;
    if (command.startsWith('echo ')) return `${command.slice(5)}\n`;
    if (command === 'getprop sys.boot_completed') return this.booted ? '1\n' : '\n';
    if (command.startsWith('service list | ')) return this.booted ? services : firstServices;
    if (command === 'getprop ro.build.version.release') return '14\n';
    if (command === 'getprop ro.product.model') return 'Fake Phone\n';
    if (command === 'dumpsys battery') {
      this.looks += 1;
      return batteryText(this.battery, this.temperature);
    }
    if (command.startsWith('df ')) return diskText(this.freeKib);
    if (command.startsWith('dumpsys window')) return windowText(this.dialog);
    if (command === 'date +%s') return `${Math.floor(Date.now() / 1000)}\n`;
    const stop = /^am force-stop ([\w.]+)$/.exec(command);
    if (stop) {
      if (this.dialog?.endsWith(stop[1] ?? '')) this.dialog = undefined;
      return '';
    }
    const uninstall = /^cmd package 'uninstall' '([\w.]+)'$/.exec(command);
    if (uninstall && this.keepsPackages) return 'Failure [DELETE_FAILED_INTERNAL_ERROR]\n';
    this.tasks.packages.delete(uninstall?.[1] ?? '');
    if (uninstall) this.log.push(`uninstalled ${uninstall[1]}`);
    else if (/^(rm|pm trim-caches) /.test(command)) this.log.push(command);
    else return `/system/bin/sh: ${command}: inaccessible or not found\n`;
    return uninstall ? 'Success\n' : '';
  }
}
