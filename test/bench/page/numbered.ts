import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findMediaTools } from '../../../src-main/core/video/index.ts';
import { type RleMask, rleFromBitmap } from '../../../src-shared/mask/rle.ts';
import { sampleClip } from '../../e2e/studio-page.ts';
import { benchFolder } from './bench-folder.ts';
import { disc } from './masked-session.ts';

const WIDTH = 1280;
const HEIGHT = 720;
const BITS = 8;
const BLOCK = WIDTH / BITS;
/** Two black strips: blocks of the upper one spell the frame's number in white, those of the lower one are for a mask to spell it in its colour. */
const STRIP = 60;

/** What is painted at one moment: what the page says it is, and the numbers read back from the canvas; null: not a number. */
export interface PaintedNumbers {
  readonly said: number;
  readonly picture: number | null;
  readonly masks: number | null;
}

/** The sample clip with its frames' numbers written into it. */
export async function numberedClip(): Promise<string> {
  const path = join(benchFolder(), 'numbered.mp4');
  if (existsSync(path)) return path;
  const { ffmpeg } = await findMediaTools();
  const box = (x: number, y: number, width: number, colour: string, when: string) =>
    `drawbox=x=${x}:y=${y}:w=${width}:h=${STRIP}:color=${colour}:t=fill${when}`;
  const bits = Array.from({ length: BITS }, (_, bit) =>
    box(bit * BLOCK, 0, BLOCK, 'white', `:enable='gte(mod(n\\,${2 ** (bit + 1)})\\,${2 ** bit})'`),
  );
  const strips = [box(0, 0, WIDTH, 'black', ''), box(0, HEIGHT - STRIP, WIDTH, 'black', '')];
  const filter = [...strips, ...bits].join(',');
  const code = ['-c:v', 'libx264', '-b:v', '1300k', '-pix_fmt', 'yuv420p', '-c:a', 'copy'];
  execFileSync(ffmpeg.path, ['-v', 'error', '-y', '-i', sampleClip, '-vf', filter, ...code, path]);
  return path;
}

/** The first object spells its frame's number, the others are discs between the strips. */
export function numberedMask(object: number, frame: number): RleMask {
  if (object > 0) return disc(object, frame);
  const bitmap = new Uint8Array(WIDTH * HEIGHT);
  for (let y = HEIGHT - STRIP; y < HEIGHT; y++) {
    for (let bit = 0; bit < BITS; bit++) {
      if ((frame >> bit) & 1) bitmap.fill(1, y * WIDTH + bit * BLOCK, y * WIDTH + (bit + 1) * BLOCK);
    }
  }
  return rleFromBitmap(bitmap, WIDTH, HEIGHT);
}

/** In the page, right after a paint. */
export function readNumbers(): PaintedNumbers {
  const [width, height, bits, strip, margin] = [1280, 720, 8, 60, 14];
  const canvas = document.querySelector<HTMLCanvasElement>('[data-testid=viewer]')!;
  const ratio = devicePixelRatio;
  const scale = Math.min((canvas.clientWidth - 2 * margin) / width, (canvas.clientHeight - 2 * margin) / height);
  const left = (canvas.clientWidth - width * scale) / 2;
  const top = (canvas.clientHeight - height * scale) / 2;
  const line = (y: number) =>
    canvas.getContext('2d')!.getImageData(0, Math.round((top + y * scale) * ratio), canvas.width, 1).data;
  const number = (y: number, channel: number) => {
    const pixels = line(y);
    let code = 0;
    for (let bit = 0; bit < bits; bit++) {
      const x = Math.round((left + (bit + 0.5) * (width / bits) * scale) * ratio);
      const value = pixels[4 * x + channel];
      if (value > 70 && value < 110) return null;
      if (value >= 110) code |= 1 << bit;
    }
    return code;
  };
  // Blue: the colour of the first object has much of it.
  return { said: Number(canvas.dataset.frame), picture: number(strip / 2, 0), masks: number(height - strip / 2, 2) };
}
