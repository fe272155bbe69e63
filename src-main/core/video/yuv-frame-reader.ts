import { type FrameIndex, frameIndex as toFrameIndex } from '../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../src-shared/domain/prompt.ts';
import { addLead, type BlockLead } from './block-lead.ts';
import { exportMatrix, exportReach } from './colour/colour-path.ts';
import { decodeRange } from './decode-frames.ts';
import type { VideoSource } from './video-source.ts';

/** One decoded frame, planar 4:2:0: Y [h, w], U and V [ceil(h/2), ceil(w/2)], tight rows, one after the other. */
export interface PlanarFrame {
  readonly frameIndex: FrameIndex;
  readonly pts: number;
  /** May be written into; valid until the frame after the next is asked for. */
  readonly data: Uint8Array;
}

/** Exact frames for compositing, at displayed size: turned, tone-mapped when HDR. Fits the export port by shape. */
export interface PlanarFrameReader {
  readonly width: number;
  readonly height: number;
  /** Y spans 16..235, whatever the source. */
  readonly fullRange: false;
  readonly matrix: 'bt601' | 'bt709';
  /** How many pixels away from where it is shown a pixel of the source can change a frame. */
  readonly reach: number;
  frames(range: FrameRange, signal: AbortSignal): AsyncIterable<PlanarFrame>;
}

/** Bytes of one planar 4:2:0 picture. */
export function planarBytes(width: number, height: number): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}

/** Frames of a source as planar 4:2:0, `lead` before them; every iteration decodes anew. Errors: as `decodeFrames`. */
export function createYuvFrameReader(source: VideoSource, lead: BlockLead = { left: 0, top: 0 }): PlanarFrameReader {
  const width = source.info.width + lead.left;
  const height = source.info.height + lead.top;
  const matrix = exportMatrix(source.plan);
  const reach = exportReach(source.plan, source.info.pixelFormat);
  const frames: PlanarFrameReader['frames'] = (range, signal) => planarFrames(source, range, lead, signal);
  return { width, height, matrix, fullRange: false, reach, frames };
}

async function* planarFrames(
  source: VideoSource,
  { first, last }: FrameRange,
  lead: BlockLead,
  signal: AbortSignal,
): AsyncGenerator<PlanarFrame, void, undefined> {
  const { width, height } = source.info;
  const leads = lead.left + lead.top > 0;
  const led = leads ? [0, 1].map(() => new Uint8Array(planarBytes(width + lead.left, height + lead.top))) : [];
  const buffers = [new Uint8Array(0), new Uint8Array(0)];
  let turn = 0;
  const provide = (size: number) => {
    if (buffers[turn]!.length !== size) buffers[turn] = new Uint8Array(size);
    return buffers[turn]!;
  };
  for await (const { frameIndex, pts, data } of decodeRange(source, first, last, 'yuv420p', provide, signal)) {
    // The last frame may still be on its way into an encoder while the next is read.
    turn = 1 - turn;
    if (leads) addLead(data, width, height, lead, led[turn]!);
    yield { frameIndex: toFrameIndex(frameIndex), pts, data: leads ? led[turn]! : data };
  }
}
