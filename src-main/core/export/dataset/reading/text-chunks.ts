import { createReadStream } from 'node:fs';
import { fileFailure } from '../../../base/file-failure.ts';

const CHUNK_BYTES = 1 << 18;

/** The UTF-8 text of a file of any size, in pieces, without a byte order mark. Throws what reading a file throws. */
export async function* textChunks(path: string): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
      yield decoder.decode(bytes as Buffer, { stream: true });
    }
  } catch (error) {
    throw fileFailure(error, path, 'read');
  }
  yield decoder.decode();
}
