import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { resampleRgb } from '../../src-main/core/video/index.ts';

const packs = resolve(import.meta.dirname, '../../../shared/fixtures/packs');
const present = existsSync(packs);
if (!present) console.log('video-resample: ../shared/fixtures/packs is not here, skipped');

describe.skipIf(!present)('resampleRgb against the reference preprocessing', () => {
  it.each(['sam21-tiny', 'edgetam-tiny', 'sam3-tiny', 'sam3-tracker-tiny'])('%s: every byte', (pack) => {
    const png = PNG.sync.read(readFileSync(resolve(packs, 'video/frames/000.png')));
    const rgb = Uint8Array.from(
      { length: png.width * png.height * 3 },
      (_, i) => png.data[Math.floor(i / 3) * 4 + (i % 3)]!,
    );
    const golden = readFileSync(resolve(packs, pack, 'goldens/components/frame0_resized_u8.u8'));
    const side = Math.sqrt(golden.length / 3);
    const ours = resampleRgb(rgb, png.width, png.height, side, side);
    expect(Buffer.compare(ours, golden)).toBe(0);
  });
});
