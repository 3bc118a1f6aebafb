/** A packet of adb's transport: a command, two numbers, bytes. Source: `protocol.txt` of the Android Debug Bridge. */
export interface AdbPacket {
  readonly command: string;
  readonly first: number;
  readonly second: number;
  readonly data: Buffer;
}

const headBytes = 24;

export function packet(
  command: string,
  first: number,
  second: number,
  data: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(headBytes);
  head.write(command, 0, 'latin1');
  head.writeUInt32LE(first, 4);
  head.writeUInt32LE(second, 8);
  head.writeUInt32LE(data.length, 12);
  head.writeUInt32LE(
    data.reduce((sum, byte) => (sum + byte) >>> 0, 0),
    16,
  );
  head.writeUInt32LE((head.readUInt32LE(0) ^ 0xffff_ffff) >>> 0, 20);
  return Buffer.concat([head, data]);
}

/** Cuts what comes over a connection into packets. */
export class AdbPackets {
  #rest: Buffer = Buffer.alloc(0);

  read(bytes: Buffer): AdbPacket[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const packets: AdbPacket[] = [];
    while (this.#rest.length >= headBytes) {
      const end = headBytes + this.#rest.readUInt32LE(12);
      if (this.#rest.length < end) break;
      packets.push({
        command: this.#rest.toString('latin1', 0, 4),
        first: this.#rest.readUInt32LE(4),
        second: this.#rest.readUInt32LE(8),
        data: Buffer.from(this.#rest.subarray(headBytes, end)),
      });
      this.#rest = this.#rest.subarray(end);
    }
    return packets;
  }
}
