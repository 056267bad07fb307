// A zip file (APPNOTE 6.3) whose bytes follow from its files alone: no times of this machine, no owners.
import { crc32, deflateRawSync } from "node:zlib";

/** 1 January 1980, the first that the form knows. */
const DATE = 0x21;

/** `files`: pairs of a path and its bytes, in the order in which they are to stand. */
export function zip(files) {
  const [bodies, directory] = [[], []];
  let offset = 0;
  for (const [path, bytes] of files) {
    const name = Buffer.from(path);
    const packed = deflateRawSync(bytes, { level: 9 });
    const head = Buffer.alloc(26);
    // Version 2.0, names in UTF-8, deflated.
    [20, 0x800, 8, 0, DATE].forEach((value, place) => head.writeUInt16LE(value, place * 2));
    [crc32(bytes), packed.length, bytes.length].forEach((value, place) => head.writeUInt32LE(value, 10 + place * 4));
    head.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), head, name, packed]);
    const end = Buffer.alloc(14);
    end.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02"), Buffer.from([20, 0]), head, end, name]));
    bodies.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const tail = Buffer.alloc(18);
  tail.writeUInt16LE(files.length, 4);
  tail.writeUInt16LE(files.length, 6);
  tail.writeUInt32LE(index.length, 8);
  tail.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, index, Buffer.from("PK\x05\x06"), tail]);
}
