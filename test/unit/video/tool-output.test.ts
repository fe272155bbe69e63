import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type ByteSource, StreamBytes } from '../../../src-main/core/video/ffmpeg/byte-source.ts';
import { openToolOutput } from '../../../src-main/core/video/ffmpeg/tool-output.ts';

/** Writes `bytes` in pieces of odd sizes, then ends. */
type Feed = (bytes: Buffer) => Promise<ByteSource>;

function* pieces(bytes: Buffer): Generator<Buffer, void, undefined> {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 99_991)
    yield bytes.subarray(at, at + size);
}

const feeds: readonly (readonly [string, Feed])[] = [
  ['a stream', async (bytes) => new StreamBytes(Readable.from([...pieces(bytes)].map((piece) => Buffer.from(piece))))],
  [
    'a socket',
    async (bytes) => {
      const output = await openToolOutput();
      if (output === null) throw new Error('no local sockets here');
      void Readable.from(pieces(bytes)).pipe(output.toolEnd);
      return output;
    },
  ],
];

describe.each(process.platform === 'win32' ? feeds.slice(0, 1) : feeds)('bytes of %s', (_, feed) => {
  it('come whole and in order, by chunks and by targets of any size', async () => {
    const bytes = randomBytes(3_000_000);
    const source = await feed(bytes);
    const got: Buffer[] = [];
    let length = 0;
    const take = (part: Uint8Array) => {
      got.push(Buffer.from(part));
      length += part.length;
    };
    for (const size of [1, 100, 65_536, 1_382_400, 7, 700_000]) {
      const target = new Uint8Array(size);
      expect(await source.fill(target)).toBe(true);
      take(target);
      const chunk = await source.next();
      take(chunk!);
    }
    for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) take(chunk);
    expect(length).toBe(bytes.length);
    expect(Buffer.concat(got).equals(bytes)).toBe(true);
  });

  it('say when the end comes before a target is full', async () => {
    const source = await feed(randomBytes(5000));
    expect(await source.fill(new Uint8Array(4000))).toBe(true);
    expect(await source.fill(new Uint8Array(4000))).toBe(false);
    expect(await source.next()).toBe(null);
  });
});
