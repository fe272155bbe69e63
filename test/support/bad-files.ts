/** Files that are wrong in one way each, for the bad-input suite. */
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { PNG } from 'pngjs';
import { writeTinyPack } from './tiny-pack.ts';

export function writeFile(path: string, bytes: string | Uint8Array = ''): string {
  writeFileSync(path, bytes);
  return path;
}

export function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 2_654_435_761) >>> 24);
}

export function folder(path: string, file?: string): string {
  mkdirSync(path, { recursive: true });
  if (file !== undefined) writeFileSync(join(path, file), 'x');
  return path;
}

export function png(path: string, width: number, height: number, value: number): string {
  const picture = new PNG({ width, height });
  picture.data.fill(value);
  for (let alpha = 3; alpha < picture.data.length; alpha += 4) picture.data[alpha] = 255;
  writeFileSync(path, PNG.sync.write(picture));
  return path;
}

export function mixedFolder(path: string): string {
  folder(path);
  png(join(path, 'a.png'), 32, 32, 9);
  png(join(path, 'b.png'), 16, 32, 9);
  return path;
}

/** A valid header whose frames are cut away. */
export function headOnly(path: string, video: string): string {
  copyFileSync(video, path);
  const bytes = readFileSync(path);
  // faststart: the index is in front; what is left of the data holds no whole frame.
  truncateSync(path, bytes.indexOf('mdat') + 12);
  return path;
}

/** An AVI header that promises this many pixels. */
export function hugeHeader(path: string, width = 16_000, height = 15_000): string {
  const header = Buffer.alloc(56);
  header.writeUInt32LE(width, 32);
  header.writeUInt32LE(height, 36);
  header.writeUInt32LE(40_000, 0);
  header.writeUInt32LE(1, 24);
  const stream = Buffer.alloc(56);
  stream.write('vidsMJPG', 0, 'latin1');
  stream.writeUInt32LE(1, 20);
  stream.writeUInt32LE(25, 24);
  const format = Buffer.alloc(40);
  format.writeUInt32LE(40, 0);
  format.writeInt32LE(width, 4);
  format.writeInt32LE(height, 8);
  format.writeUInt16LE(1, 12);
  format.writeUInt16LE(24, 14);
  format.write('MJPG', 16, 'latin1');
  const chunk = (name: string, data: Buffer) => {
    const head = Buffer.alloc(8);
    head.write(name, 0, 'latin1');
    head.writeUInt32LE(data.length, 4);
    return Buffer.concat([head, data]);
  };
  const list = (name: string, ...parts: Buffer[]) =>
    chunk('LIST', Buffer.concat([Buffer.from(name, 'latin1'), ...parts]));
  const headers = list('hdrl', chunk('avih', header), list('strl', chunk('strh', stream), chunk('strf', format)));
  const frames = list('movi', chunk('00dc', Buffer.alloc(64)));
  writeFileSync(path, chunk('RIFF', Buffer.concat([Buffer.from('AVI ', 'latin1'), headers, frames])));
  return path;
}

export function playlist(path: string, video: string): string {
  return writeFile(
    path,
    `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${video}\n#EXT-X-ENDLIST\n`,
  );
}

export function withBrokenManifest(path: string): string {
  folder(path);
  return join(writeFile(join(path, 'pack.json'), '{"format": 1, "id": 7}'), '..');
}

export function tamperedPack(path: string): string {
  writeTinyPack(path);
  appendFileSync(join(path, 'mask_decoder.onnx'), 'x');
  return path;
}

export function newerSession(path: string, session: string): string {
  rmSync(path, { force: true });
  cpSync(session, path);
  const file = new Database(path);
  file.pragma('user_version = 999');
  file.close();
  return path;
}
