/**
 * node resources/sample/make-style-pictures.ts
 *
 * Makes docs/styles/*.png and the export sheet's tiles: one frame of the sample clip in every style, composed by the code that renders videos. The
 * masks are the clip's own truth, so the pictures show the styles and not a model.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ComposedStill,
  composeStill,
  encodePng,
  type MaskReader,
  resolveLook,
} from '../../src-main/core/export/index.ts';
import { createYuvFrameReader, findMediaTools, openVideo } from '../../src-main/core/video/index.ts';
import { type RenderLook, renderLookSchema, renderStyleNames } from '../../src-shared/contract/render-look.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { objectColour } from '../../src-shared/domain/palette.ts';
import { noScores } from '../../src-shared/domain/scores.ts';
import { trueMask, unpackTruth } from './truth-file.ts';

const FRAME = frameIndex(62);
/** Invented scores, so that the heat has something to show; colours that the things do not have. */
const SHOWN = [
  { name: 'box', score: 0.97, colour: objectColour(5) },
  { name: 'star', score: 0.62, colour: objectColour(1) },
  { name: 'ball', score: 0.31, colour: objectColour(7) },
];
const folder = join(import.meta.dirname, '../../docs/styles');
/** The same for the tiles of the export sheet, at twice their size on screen. */
const tiles = join(import.meta.dirname, '../../src-renderer/features/export/tiles');
const TILE_HEIGHT = 120;
const truth = unpackTruth(readFileSync(join(import.meta.dirname, 'tumble.truth.json.gz')));
const tools = await findMediaTools();
const cacheDir = join(import.meta.dirname, '../../test/out/style-pictures');
const source = await openVideo(join(import.meta.dirname, 'tumble.mp4'), { tools, cacheDir });
for (const each of [folder, tiles]) mkdirSync(each, { recursive: true });
for (const style of renderStyleNames) await draw(style, { style });
await draw('cutout-alpha', { style: 'cutout', colour: 'alpha' });

async function draw(name: string, wish: Pick<RenderLook, 'style'> & Partial<RenderLook>): Promise<void> {
  const { frameCount } = source.info;
  const still = await composeStill(
    {
      reader: createYuvFrameReader(source),
      masks: truthMasks(),
      frameCount,
      range: { first: frameIndex(0), last: frameIndex(frameCount - 1) },
      look: resolveLook(renderLookSchema.parse(wish), null),
      only: wish.style === 'crop' || wish.style === 'matte' ? objectId(2) : undefined,
      signal: new AbortController().signal,
    },
    FRAME,
  );
  const width = wish.style === 'side-by-side' ? 960 : Math.min(640, still.width);
  const height = Math.round((width * still.height) / still.width);
  const png = await save(still, width, height, join(folder, `${name}.png`));
  if (name === wish.style) {
    const side = (TILE_HEIGHT * still.width) / still.height;
    await save(still, Math.round(side), TILE_HEIGHT, join(tiles, `${name}.png`));
  }
  console.log(`${name}.png ${width}x${height} ${(png.length / 1024).toFixed(0)} KB`);
}

function truthMasks(): MaskReader {
  const things = SHOWN.map(({ name, ...shown }) => ({
    ...shown,
    thing: truth.things.find((thing) => thing.name === name)!,
  }));
  return {
    objects: things.map(({ thing, colour }, at) => {
      return { objectId: objectId(at + 1), name: thing.name, colour };
    }),
    isTracked: () => true,
    masksAt: (index) =>
      things.map(({ thing, score }, at) => ({
        objectId: objectId(at + 1),
        mask: trueMask(truth, thing, index),
        source: 'prompt',
        scores: { ...noScores, predictedIou: score },
      })),
  };
}

async function save(still: ComposedStill, width: number, height: number, path: string): Promise<Uint8Array> {
  const png = await encodePng({ kind: 'rgb', width, height, pixels: shrink(still, width, height) });
  writeFileSync(path, png);
  return png;
}

/** Area means over a checkerboard, which shows through where the still is transparent; few shades, so that the PNG is small. */
function shrink({ width: from, height: fromHeight, pixels }: ComposedStill, width: number, height: number): Uint8Array {
  const out = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const back = ((x >> 3) + (y >> 3)) % 2 === 0 ? 236 : 204;
      for (let channel = 0; channel < 3; channel++) {
        let [sum, count] = [0, 0];
        for (let row = Math.floor((y * fromHeight) / height); row < ((y + 1) * fromHeight) / height; row++) {
          for (let column = Math.floor((x * from) / width); column < ((x + 1) * from) / width; column++) {
            const at = (row * from + column) * 4;
            sum += back + ((pixels[at + channel] - back) * pixels[at + 3]) / 255;
            count++;
          }
        }
        out[(y * width + x) * 3 + channel] = Math.min(255, Math.round(sum / count / 4) * 4);
      }
    }
  }
  return out;
}
