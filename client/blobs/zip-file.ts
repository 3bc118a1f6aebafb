import { crc32 } from 'node:zlib';

const version = 20;
/** The names are UTF-8. */
const flags = 0x0800;

/** A ZIP archive of one file, not compressed. */
export function zipFile(name: string, content: Buffer): Buffer {
  const path = Buffer.from(name);
  const [crc, size] = [crc32(content), content.length];
  const common = (header: Buffer, at: number): Buffer => {
    header.writeUInt16LE(version, at);
    header.writeUInt16LE(flags, at + 2);
    // 1 January 1980.
    header.writeUInt16LE(0x21, at + 8);
    header.writeUInt32LE(crc, at + 10);
    header.writeUInt32LE(size, at + 14);
    header.writeUInt32LE(size, at + 18);
    header.writeUInt16LE(path.length, at + 22);
    return header;
  };
  const local = common(Buffer.alloc(30), 4);
  local.writeUInt32LE(0x04034b50);
  const central = common(Buffer.alloc(46), 6);
  central.writeUInt32LE(0x02014b50);
  central.writeUInt16LE(version, 4);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + path.length, 12);
  end.writeUInt32LE(local.length + path.length + size, 16);
  return Buffer.concat([local, path, content, central, path, end]);
}
