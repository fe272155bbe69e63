import { PROXY_SIDE } from '../../../../src-shared/geometry/proxy-side.ts';
import { turnsOddSide } from '../block-lead.ts';
import type { DecodePlan } from '../decode-plan.ts';

/**
 * What a decode hands out: interleaved RGB for the model, planar 4:2:0 for export, JPEG pictures for the view (`thumbnail`:
 * `THUMBNAIL_HEIGHT` lines high; `proxy`: `PROXY_SIDE` pixels on its shorter side at most, for playing).
 */
export type OutputFormat = 'rgb24' | 'yuv420p' | 'jpeg' | 'proxy' | 'thumbnail';

export const THUMBNAIL_HEIGHT = 96;

/** Matrix of the frames that the export path sees; their range is always limited (Y spans 16..235). */
export type ExportMatrix = 'bt601' | 'bt709';

/**
 * The one colour path. Stored YUV is converted with the matrix and range of its tags; untagged video is bt709 from 720 lines
 * up, else bt601, limited range. HDR goes through RGB and our tone-map table, for every use. RGB sources stay RGB.
 * swscale's fast conversion is used (no accurate_rnd): 18 times faster, and the same for model, view and export. Exports are
 * limited range whatever the source: full-range H.264 is another pixel format to many players, who ignore its flag.
 */
export function exportMatrix({ colour: { matrix, hdr } }: DecodePlan): ExportMatrix {
  return hdr === null && matrix === 'bt601' ? 'bt601' : 'bt709';
}

/** What a converted sample is a mean of lies within three pixels (measured), within seven where a stored colour sample stands for four pixels. */
const CONVERTED_REACH = 4;
const WIDE_SAMPLES_REACH = 8;

/**
 * How many pixels away from where it is shown a stored pixel can still change the planes of an export: 0 where these are the stored ones. Colour
 * that is brought to 4:2:0 or to another matrix is a mean of neighbours, and turning an odd side moves colour by one pixel. A folder may mix
 * pictures of any kind.
 */
export function exportReach(plan: DecodePlan, pixelFormat: string): number {
  const { media, colour } = plan;
  if (/^yuvj?41/.test(pixelFormat)) return WIDE_SAMPLES_REACH;
  const sameColour = colour.hdr === null && colour.matrix === exportMatrix(plan);
  const stored = media.kind === 'file' && /^(yuvj?a?420|nv12|nv21|p01)/.test(pixelFormat);
  return stored && sameColour && !turnsOddSide(plan) ? 0 : CONVERTED_REACH;
}

/** Filters from stored frames to displayed frames of the wanted format. The table file is relative to the working directory. */
export function colourFilters(plan: DecodePlan, format: OutputFormat, toneMapFile: string | null): readonly string[] {
  const size = format === 'proxy' ? proxySize(plan) : `${plan.storedWidth}:${plan.storedHeight}`;
  const turned = [...orientationFilters(plan), ...(format === 'thumbnail' ? [THUMBNAIL_FILTER] : [])];
  const { matrix, fullRange } = plan.colour;
  const range = fullRange ? 'pc' : 'tv';
  const input = matrix === 'rgb' ? '' : `:in_color_matrix=${matrix}:in_range=${range}`;
  const pixels = pixelFormat(format);
  if (toneMapFile !== null) {
    const toned = [`scale=${size}${input}:flags=bilinear`, 'format=rgb48le', `lut3d=file=${toneMapFile}`];
    const back = format === 'rgb24' ? [] : [`scale=${yuvOutput(plan, format)}:flags=bilinear`];
    return [...toned, ...back, `format=${pixels}`, ...turned];
  }
  const output = format === 'rgb24' ? '' : `:${yuvOutput(plan, format)}`;
  // Without a word about matrices ffmpeg sees that nothing changes and leaves out a copy of every frame.
  const kept = format === 'yuv420p' && !fullRange && matrix === exportMatrix(plan);
  const conversion = kept ? ':in_range=tv:out_range=tv' : `${input}${output}`;
  return [`scale=${size}${conversion}:flags=bilinear`, `format=${pixels}`, ...turned];
}

const THUMBNAIL_FILTER = `scale=-2:${THUMBNAIL_HEIGHT}:flags=area`;

/** Scaled by the same filter that converts colours, so a small picture costs less than a full one in every step after the decoder. */
function proxySize({ storedWidth, storedHeight }: DecodePlan): string {
  const share = Math.min(1, PROXY_SIDE / Math.min(storedWidth, storedHeight));
  const even = (pixels: number) => Math.max(2, 2 * Math.round((pixels * share) / 2));
  return share === 1 ? `${storedWidth}:${storedHeight}` : `${even(storedWidth)}:${even(storedHeight)}`;
}

function pixelFormat(format: OutputFormat): string {
  return format === 'rgb24' || format === 'yuv420p' ? format : 'yuvj420p';
}

/** JPEG is full-range bt601 by definition (JFIF); exports keep the source's matrix, limited range. */
function yuvOutput(plan: DecodePlan, format: OutputFormat): string {
  if (format === 'yuv420p') return `out_color_matrix=${exportMatrix(plan)}:out_range=tv`;
  return 'out_color_matrix=bt601:out_range=pc';
}

const TURNS = { 0: [], 90: ['transpose=clock'], 180: ['hflip', 'vflip'], 270: ['transpose=cclock'] } as const;

/** From the stored picture to the displayed one. */
export function orientationFilters({ rotation, mirrored }: DecodePlan): readonly string[] {
  return [...(mirrored ? ['hflip'] : []), ...TURNS[rotation]];
}

/** From the displayed picture, which may have a lead (`BlockLead`), to the stored one. */
export function storedFilters({ rotation, mirrored, storedWidth, storedHeight }: DecodePlan): readonly string[] {
  const back = TURNS[((360 - rotation) % 360) as DecodePlan['rotation']];
  return [...back, ...(mirrored ? ['hflip'] : []), `crop=${storedWidth}:${storedHeight}:0:0:exact=1`];
}
