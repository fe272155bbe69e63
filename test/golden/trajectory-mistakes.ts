import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  AttendItem,
  DecodedObject,
  MemorySlot,
  ModelSpec,
  PointerSlot,
  TrackerModel,
} from '../../src-main/core/tracking/index.ts';
import { packsFolder, type Resample, type Trajectory, videoFrames } from './trajectory-fixtures.ts';

/** One line of a pack's mutations.json. */
export interface KnownMistake {
  readonly trajectory: string;
  readonly mistake: string;
  readonly maxLogitDiff: number;
  readonly framesBelow99: number;
}

export function readMistakes(packId: string): readonly KnownMistake[] {
  const file = join(packsFolder, packId, 'goldens/mutations.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).mistakes : [];
}

/** What a mistake changes on its way between tracker and model. */
interface Mutation {
  readonly attend?: (item: AttendItem, spec: ModelSpec) => AttendItem;
  readonly decoded?: (answer: DecodedObject) => DecodedObject;
  readonly points?: (x: number, y: number) => readonly [number, number];
  readonly noMemory?: boolean;
  readonly maskInput?: null;
  readonly binarize?: boolean;
  readonly scoreLogit?: number;
  readonly tracker?: (spec: NonNullable<ModelSpec['tracker']>) => NonNullable<ModelSpec['tracker']>;
  readonly resample?: Resample;
  readonly pixels?: (rgb: Uint8Array) => Uint8Array;
}

const memories =
  (change: (slot: MemorySlot, spec: ModelSpec) => MemorySlot | null) => (item: AttendItem, spec: ModelSpec) => {
    const kept = item.memories.map((slot) => change(slot, spec)).filter((slot) => slot !== null);
    return { ...item, memories: kept.length > 0 ? kept : item.memories.slice(0, 1) };
  };
const pointers = (change: (slot: PointerSlot) => PointerSlot) => (item: AttendItem) => ({
  ...item,
  pointers: item.pointers.map(change),
});
const recent = (spec: ModelSpec) => (spec.tracker?.numMaskmem ?? 0) - 1;

/** The mistakes of mutations.json, made at the port: the tracker itself stays as it is. */
export const mutations: Readonly<Record<string, Mutation>> = {
  'tpos-off-by-one': {
    attend: memories((slot, spec) =>
      slot.temporalIndex === recent(spec)
        ? slot
        : { ...slot, temporalIndex: Math.min(slot.temporalIndex + 1, recent(spec) - 1) },
    ),
  },
  'tpos-reversed': {
    attend: memories((slot, spec) =>
      slot.temporalIndex === recent(spec) ? slot : { ...slot, temporalIndex: recent(spec) - 1 - slot.temporalIndex },
    ),
  },
  'cond-tpos-0': {
    attend: memories((slot, spec) => (slot.temporalIndex === recent(spec) ? { ...slot, temporalIndex: 0 } : slot)),
  },
  'no-pointers': { attend: (item) => ({ ...item, pointers: [] }) },
  'pointer-offset-zero': { attend: pointers((slot) => ({ ...slot, temporalPosition: 0 })) },
  'pointer-divisor-16': {
    attend: pointers((slot) => ({ ...slot, temporalPosition: (slot.temporalPosition * 15) / 16 })),
  },
  'pointer-token-0': { decoded: withToken0('pointers') },
  'previous-frame-only': {
    attend: memories((slot, spec) => (slot.temporalIndex === 0 || slot.temporalIndex === recent(spec) ? slot : null)),
  },
  'never-binarise': { binarize: false },
  'no-nomem-embedding': { noMemory: false },
  'never-multimask': { decoded: (answer) => withToken0('pointers')(withToken0('masks')(answer)) },
  'ignore-occlusion': { scoreLogit: 10 },
  'points-half-pixel': { points: (x, y) => [x + 0.5, y + 0.5] },
  'points-swapped-xy': { points: (x, y) => [y, x] },
  'no-stability': { tracker: (tracker) => ({ ...tracker, stability: { ...tracker.stability, thresh: 0 } }) },
  'no-previous-logits': { maskInput: null },
  'no-reverse-direction': {
    attend: (item, spec) => ({
      memories: item.memories.filter((slot) => slot.temporalIndex === recent(spec)),
      pointers: [],
    }),
  },
  'conditioning-frames-unlimited': { tracker: (tracker) => ({ ...tracker, maxCond: -1 }) },
  'only-nearest-conditioning-frame': { tracker: (tracker) => ({ ...tracker, maxCond: 1 }) },
  'bgr-input': { pixels: swapRedBlue },
  'resize-without-antialias': { resample: resampleNearest },
};

/** The model with a mistake between it and the tracker. */
export function mistaken(model: TrackerModel, mutation: Mutation): TrackerModel {
  const { tracker } = model.spec;
  const spec = { ...model.spec, tracker: tracker && (mutation.tracker?.(tracker) ?? tracker) };
  const { attend, decoded, points, binarize, scoreLogit } = mutation;
  return {
    spec,
    encodeImage: (pixels) => model.encodeImage(mutation.pixels?.(pixels) ?? pixels),
    attend: (features, items) => model.attend(features, attend ? items.map((item) => attend(item, spec)) : items),
    decode: async (features, request) => {
      const items = request.items.map((item) => ({
        points: item.points.map((point) => {
          const [x, y] = point.label === -1 || !points ? [point.x, point.y] : points(point.x, point.y);
          return { ...point, x, y };
        }),
        maskInput: mutation.maskInput === null ? null : item.maskInput,
      }));
      const answers = await model.decode(features, {
        ...request,
        items,
        noMemory: mutation.noMemory ?? request.noMemory,
      });
      return decoded ? answers.map(decoded) : answers;
    },
    encodeMemory: (features, items) =>
      model.encodeMemory(
        features,
        items.map((item) => ({
          ...item,
          binarize: binarize ?? item.binarize,
          objectScoreLogit: scoreLogit ?? item.objectScoreLogit,
        })),
      ),
    promptFromMask: (masks) => model.promptFromMask(masks),
    encodeText: (phrase) => model.encodeText(phrase),
    detect: (features, text, exemplars) => model.detect(features, text, exemplars),
  };
}

export function mistakenFrames(trajectory: Trajectory, side: number, mutation: Mutation) {
  return videoFrames(trajectory, side, mutation.resample);
}

function withToken0(what: 'masks' | 'pointers') {
  return (answer: DecodedObject): DecodedObject => {
    const values = answer[what].slice();
    const size = values.length / answer.ious.length;
    for (let token = 1; token < answer.ious.length; token++) values.copyWithin(token * size, 0, size);
    return { ...answer, [what]: values };
  };
}

function swapRedBlue(rgb: Uint8Array): Uint8Array {
  const bgr = rgb.slice();
  for (let at = 0; at < bgr.length; at += 3) [bgr[at], bgr[at + 2]] = [bgr[at + 2], bgr[at]];
  return bgr;
}

function resampleNearest(rgb: Uint8Array, width: number, height: number, side: number): Uint8Array {
  const target = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = Math.floor(((y + 0.5) * height) / side) * width + Math.floor(((x + 0.5) * width) / side);
      target.set(rgb.subarray(from * 3, from * 3 + 3), (y * side + x) * 3);
    }
  }
  return target;
}
