/**
 * Renders the sample clip, our own work from the first pixel to the last note: `node resources/sample/make-sample.ts [folder]`.
 * Writes tumble.mp4 and tumble.truth.json.gz (see truth-file.ts) next to this file or into the folder. Takes some minutes.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { soundtrack } from './audio.ts';
import { fps, frameCount } from './choreography.ts';
import { encodeClip } from './encode.ts';
import { FramePainter } from './paint-frame.ts';
import { develop, height, width } from './stage.ts';
import { TruthBook } from './truth.ts';
import { packTruth } from './truth-file.ts';

const folder = process.argv[2] ?? import.meta.dirname;
const clip = 'tumble.mp4';
const painter = new FramePainter();
const book = new TruthBook();

function* frames(): Generator<Uint8Array> {
  for (let index = 0; index < frameCount; index++) {
    const picture = new Uint8Array(width * height * 3);
    develop(painter.paint(index), picture);
    book.add(painter.actorsAt(index / fps));
    if (index % fps === 0) console.log(`frame ${index} of ${frameCount}`);
    yield picture;
  }
}

const work = mkdtempSync(join(tmpdir(), 'masklet-sample-'));
try {
  const soundPath = join(work, 'sound.wav');
  writeFileSync(soundPath, soundtrack());
  await encodeClip(join(folder, clip), soundPath, frames());
  writeFileSync(join(folder, 'tumble.truth.json.gz'), packTruth(book.truth(clip)));
} finally {
  rmSync(work, { recursive: true });
}
