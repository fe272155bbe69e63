import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ColourMatrix } from '../annotate/yuv-image.ts';
import type { ComposedShape } from '../compose/compose-frame.ts';
import { rgbaOf } from '../compose/rgba-of.ts';
import { encodeExr } from '../exr/encode-exr.ts';
import type { VideoEncoder } from '../ports.ts';

export interface ExrOptions {
  readonly folder: string;
  readonly startNumber: number;
  readonly shape: ComposedShape;
  readonly matrix: ColourMatrix;
  readonly fullRange: boolean;
  readonly pixelAspectRatio: number;
}

/** Writes composed frames as `00000.exr` and so on; the folder is the caller's. */
export function createExrEncoder(options: ExrOptions): VideoEncoder {
  const { folder, startNumber, shape, matrix, fullRange, pixelAspectRatio } = options;
  const { width, height, alpha } = shape;
  let written = 0;
  return {
    async write(data) {
      const rgba = rgbaOf({ width, height, matrix, fullRange, data }, alpha);
      const bytes = await encodeExr({ width, height, rgba, alpha, pixelAspectRatio });
      await writeFile(join(folder, `${String(startNumber + written).padStart(5, '0')}.exr`), bytes);
      written++;
    },
    finish: async () => {},
    abort: async () => {},
  };
}
