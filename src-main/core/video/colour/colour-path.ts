import type { DecodePlan } from '../decode-plan.ts';

/** What a decode hands out: interleaved RGB for model and view, planar 4:2:0 for export. */
export type OutputFormat = 'rgb24' | 'yuv420p';

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

/** Filters from stored frames to displayed frames of the wanted format. The table file is relative to the working directory. */
export function colourFilters(plan: DecodePlan, format: OutputFormat, toneMapFile: string | null): readonly string[] {
  const size = `${plan.storedWidth}:${plan.storedHeight}`;
  const turned = rotationFilters(plan.rotation);
  const { matrix, fullRange } = plan.colour;
  const range = fullRange ? 'pc' : 'tv';
  const input = matrix === 'rgb' ? '' : `:in_color_matrix=${matrix}:in_range=${range}`;
  if (toneMapFile !== null) {
    const toned = [`scale=${size}${input}:flags=bilinear`, 'format=rgb48le', `lut3d=file=${toneMapFile}`];
    const back = format === 'rgb24' ? [] : ['scale=out_color_matrix=bt709:out_range=tv:flags=bilinear'];
    return [...toned, ...back, `format=${format}`, ...turned];
  }
  if (format === 'rgb24') return [`scale=${size}${input}:flags=bilinear`, 'format=rgb24', ...turned];
  const output = `:out_color_matrix=${exportMatrix(plan)}:out_range=tv`;
  return [`scale=${size}${input}${output}:flags=bilinear`, 'format=yuv420p', ...turned];
}

function rotationFilters(rotation: DecodePlan['rotation']): readonly string[] {
  if (rotation === 90) return ['transpose=clock'];
  if (rotation === 180) return ['hflip', 'vflip'];
  if (rotation === 270) return ['transpose=cclock'];
  return [];
}
