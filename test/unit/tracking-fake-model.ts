import type {
  AttendItem,
  Detections,
  DetectorConstants,
  FrameProvider,
  ImageFeatures,
  ModelSpec,
  TextFeatures,
  TrackerModel,
} from '../../src-main/core/tracking/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import type { TrackedFrame } from '../../src-shared/domain/track.ts';

const side = 8;
const promptSide = 16;
const memorySize = 8;
const pointerSize = 2;

export const detectorConstants: DetectorConstants = {
  numQueries: 4,
  scoreThreshold: 0.5,
  detNmsThresh: 0.1,
  assocIou: 0.1,
  trkAssocIou: 0.5,
  newDetThresh: 0.7,
  hotstartDelay: 15,
  hotstartUnmatchThresh: 8,
  hotstartDupThresh: 8,
  suppressUnmatchedOnlyWithinHotstart: true,
  initKeepAlive: 30,
  maxKeepAlive: 30,
  minKeepAlive: -1,
  decreaseKeepAliveForEmpty: false,
  occlusionIou: 0.7,
  fillHoleArea: 0,
  maxObjects: 100,
  reconditionEvery: 16,
  highConf: 0.8,
  highIou: 0.8,
  areaShrinkage: 0.3,
};

export const fakeSpec: ModelSpec = {
  packId: 'fake',
  arch: 'fake',
  imageSize: 16,
  lowres: side,
  maskPromptSize: promptSide,
  memTokens: 4,
  memDim: memorySize / 4,
  ptrDim: pointerSize,
  tracker: {
    numMaskmem: 7,
    maxCond: -1,
    maxPtrs: 16,
    multimask: { min: 0, max: 1 },
    stability: { delta: 0.05, thresh: 0.98 },
    memorySelection: false,
    mfThreshold: 0.01,
  },
  detector: null,
};

/** What the fake says; each may look at the frame. */
export interface FakeScript {
  readonly spec?: Partial<ModelSpec>;
  /** Visibility logit of followed objects. */
  readonly score?: (frame: number) => number;
  /** Predicted IoU of the chosen mask. */
  readonly iou?: (frame: number) => number;
  /** A whole mask for followed objects instead of the default. */
  readonly mask?: (frame: number, index: number) => Float32Array;
  /** Probability that the phrase is on the frame at all; 0.9 where absent. */
  readonly presence?: (frame: number) => number;
  /** Boxes that the detector sees for a phrase, on the low-resolution grid, x0 y0 x1 y1. */
  readonly detect?: (frame: number, phrase: string) => readonly { box: readonly number[]; score: number }[];
}

interface FakeFeatures extends ImageFeatures {
  readonly frame: number;
}
interface FakeText extends TextFeatures {
  readonly phrase: string;
}

/**
 * A model without weights: every answer is a smooth but sensitive function of the frame, the points and the memory, so that anything wired
 * wrongly changes every mask after it. Counts its calls and their batch sizes.
 */
export class FakeModel implements TrackerModel {
  readonly spec: ModelSpec;
  readonly calls = { encodeImage: 0, attend: [] as number[], decode: [] as number[], encodeMemory: [] as number[] };
  readonly encodedFrames: number[] = [];
  /** Every memory item that was encoded: its frame, whether binarised, whether any pixel was foreground. */
  readonly memories: { frame: number; binarize: boolean; visible: boolean }[] = [];
  texts = 0;
  detections = 0;
  readonly #script: FakeScript;

  constructor(script: FakeScript = {}) {
    this.#script = script;
    this.spec = { ...fakeSpec, ...script.spec };
  }

  async encodeImage(pixels: Uint8Array): Promise<ImageFeatures> {
    this.calls.encodeImage++;
    const frame = pixels[0] + pixels[1] * 256;
    this.encodedFrames.push(frame);
    return { kind: 'image-features', frame } as FakeFeatures;
  }

  async attend(_features: ImageFeatures, items: readonly AttendItem[]) {
    this.calls.attend.push(items.length);
    for (const { memories } of items)
      if (memories.length === 0) throw new Error('an object without memory was attended');
    return { kind: 'conditioned-features' as const, batch: items.length, items };
  }

  async decode(features: ImageFeatures, request: Parameters<TrackerModel['decode']>[1]) {
    this.calls.decode.push(request.items.length);
    const { frame } = features as FakeFeatures;
    const conditioned = request.conditioned as { readonly items?: readonly AttendItem[] } | null;
    return request.items.map(({ points, maskInput }, index) => {
      const memory = conditioned?.items?.[index] ?? null;
      const seed =
        frame * 0.37 +
        points.reduce((sum, { x, y, label }) => sum + (label + 2) * (x * 0.11 + y * 0.07), 0) +
        (maskInput === null ? 0 : total(maskInput) * 0.001) +
        (memory === null ? 0 : memoryTotal(memory));
      const scripted = memory === null ? undefined : this.#script.mask?.(frame, index);
      const masks = new Float32Array(4 * side * side);
      for (let token = 0; token < 4; token++) masks.set(scripted ?? wave(seed + token * 0.01), token * side * side);
      const objectScoreLogit = memory === null ? 5 : (this.#script.score?.(frame) ?? 2 + Math.sin(seed));
      if (objectScoreLogit <= 0) masks.fill(-1024);
      const iou = memory === null ? 0.9 : (this.#script.iou?.(frame) ?? 0.8);
      return {
        masks,
        ious: Float32Array.of(iou, iou - 0.01, iou, iou - 0.02),
        objectScoreLogit,
        pointers: Float32Array.from({ length: 4 * pointerSize }, (_, at) => Math.sin(seed + at)),
      };
    });
  }

  async encodeMemory(features: ImageFeatures, items: Parameters<TrackerModel['encodeMemory']>[1]) {
    this.calls.encodeMemory.push(items.length);
    const { frame } = features as FakeFeatures;
    return items.map(({ logits, binarize, objectScoreLogit }) => {
      this.memories.push({ frame, binarize, visible: logits.some((logit) => logit > 0) });
      const seed = frame * 0.1 + total(logits) * 0.01 + (binarize ? 0.5 : 0) + objectScoreLogit * 0.03;
      return Float32Array.from({ length: memorySize }, (_, at) => Math.sin(seed + at));
    });
  }

  async promptFromMask(masks: readonly Float32Array[]) {
    return masks.map((mask) => new Float32Array(side * side).fill(total(mask) * 0.1));
  }

  async encodeText(phrase: string): Promise<TextFeatures> {
    this.texts++;
    return { kind: 'text-features', phrase } as FakeText;
  }

  async detect(features: ImageFeatures, text: TextFeatures | null): Promise<Detections> {
    this.detections++;
    const { frame } = features as FakeFeatures;
    const seen = this.#script.detect?.(frame, (text as FakeText | null)?.phrase ?? '') ?? [];
    const queries = this.spec.detector?.numQueries ?? seen.length;
    const masks = new Float32Array(queries * side * side).fill(-5);
    seen.forEach(({ box }, index) => {
      masks.set(boxMask(box), index * side * side);
    });
    return {
      scores: Float32Array.from({ length: queries }, (_, index) => seen[index]?.score ?? 0),
      presence: this.#script.presence?.(frame) ?? 0.9,
      boxes: new Float32Array(queries * 4),
      masks,
    };
  }
}

/** Logits +5 inside x0..x1, y0..y1 of the grid, -5 outside. */
export function boxMask([x0, y0, x1, y1]: readonly number[]): Float32Array {
  return Float32Array.from({ length: side * side }, (_, at) => {
    const x = at % side;
    const y = Math.floor(at / side);
    return x >= x0 && x < x1 && y >= y0 && y < y1 ? 5 : -5;
  });
}

/** Frames whose first two bytes carry their index. `held` counts frames not released yet. */
export function fakeFrames(log: { asked: number[]; held: number } = { asked: [], held: 0 }): FrameProvider {
  return async function* frames(range, direction) {
    for (let step = 0; step <= range.last - range.first; step++) {
      const index = direction === 'forward' ? range.first + step : range.last - step;
      log.asked.push(index);
      log.held++;
      yield {
        frameIndex: index,
        pixels: Uint8Array.of(index & 255, index >> 8),
        release: () => {
          log.held--;
        },
      };
    }
  };
}

export const video = (frameCount: number) => ({ width: 64, height: 48, frameCount });

export function click(object: number, frame: number, x = 20, y = 20, include = true) {
  const about = { objectId: objectId(object), frameIndex: frameIndex(frame) };
  return { kind: 'point' as const, ...about, point: { x, y }, include };
}

/** Everything that can be told apart about a run, in a form that compares exactly. */
export function told(frames: readonly TrackedFrame[], only?: number): readonly string[] {
  return frames.flatMap(({ frameIndex: at, objects }) =>
    objects
      .filter((object) => only === undefined || object.objectId === only)
      .map(({ objectId: id, source, logits, scores }) => {
        const shape = logits === null ? 'absent' : [...logits].join(' ');
        return `${at}/${id} ${source} ${scores.objectScoreLogit} ${shape}`;
      }),
  );
}

function total(values: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] * (1 + (at % 5) * 0.1);
  return sum;
}

function memoryTotal({ memories, pointers }: AttendItem): number {
  let sum = 0;
  for (const { tokens, temporalIndex } of memories) sum += total(tokens) * (1 + temporalIndex * 0.05);
  for (const { pointer, temporalPosition } of pointers) sum += total(pointer) * (0.5 + temporalPosition * 0.1);
  return sum * 0.2;
}

function wave(seed: number): Float32Array {
  return Float32Array.from({ length: side * side }, (_, at) => 3 * Math.sin(seed + at * 0.4) + 0.3);
}
