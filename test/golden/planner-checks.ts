import { isDeepStrictEqual } from 'node:util';
import type { BitMask } from '../../src-main/core/tracking/planner/index.ts';
import type { ObjectId } from '../../src-shared/domain/ids.ts';
import type { Size } from '../../src-shared/geometry/geometry.ts';
import { resolveOverlaps } from '../../src-shared/mask/resolve-overlaps.ts';
import { emptyMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { unpackedMask } from '../support/bit-masks.ts';
import {
  bitMasks,
  floatMaps,
  optionsOf,
  type Packed,
  readFixture,
  released,
  type Sequence,
  sequenceNames,
} from './planner-fixtures.ts';
import { type PlannerModule, replay } from './planner-replay.ts';

/** Plays one fixture file against a planner; returns a line for every mismatch. */
export type Check = (planner: PlannerModule) => readonly string[];
type Ids = readonly ObjectId[];

interface AssociationCase {
  readonly name: string;
  readonly config: {
    readonly assocIou: number;
    readonly trkAssocIou: number;
    readonly newDetThresh: number;
    readonly oneToOne: boolean;
  };
  readonly detections: { readonly scores: readonly number[]; readonly masks: Packed };
  readonly tracks: { readonly ids: Ids; readonly masks: Packed };
  readonly expected: unknown;
}

const association: Check = (planner) =>
  mismatches<AssociationCase>('association.json', ({ config, detections, tracks }) => {
    const [detected, tracked] = onOneGrid(planner, detections.masks, tracks.masks);
    return planner.associate(
      detections.scores.map((score, index) => ({ score, mask: detected[index] })),
      tracks.ids.map((id, index) => ({ id, mask: tracked[index] })),
      { ...released, ...config },
    );
  });

function onOneGrid(planner: PlannerModule, a: Packed, b: Packed): readonly (readonly BitMask[])[] {
  if (a.dtype === 'bits') return [bitMasks(a), bitMasks(b)];
  const sizes = [a, b].map(({ shape: [, height, width] }) => ({ width, height }));
  const area = ({ width, height }: Size) => width * height;
  const grid = area(sizes[0]) <= area(sizes[1]) ? sizes[0] : sizes[1];
  return [a, b].map((packed, side) =>
    floatMaps(packed).map((logits) => {
      const resized = planner.resizeLogits({ ...sizes[side], logits }, grid.width, grid.height);
      return planner.bitMaskFromLogits(resized, grid.width, grid.height);
    }),
  );
}

interface NmsCase {
  readonly name: string;
  readonly probThreshold: number;
  readonly iouThreshold: number;
  readonly probs: readonly number[];
  readonly masks: Packed;
  readonly expected: unknown;
}

const nms: Check = (planner) =>
  mismatches<NmsCase>('nms.json', ({ probs, masks, probThreshold, iouThreshold }) => {
    const packed = bitMasks(masks);
    const kept = planner.maskNms(probs, (index) => packed[index], { scoreThreshold: probThreshold, iouThreshold });
    return { keep: probs.map((_, index) => kept.includes(index)) };
  });

type AdmissionCase = { readonly name: string; readonly expected: unknown } & (
  | {
      readonly kind: 'limit';
      readonly scores: readonly number[];
      readonly newDetections: readonly number[];
      readonly keep: number;
    }
  | { readonly kind: 'boundary'; readonly margin: number; readonly boxesXyxy: readonly (readonly number[])[] }
);

const admission: Check = (planner) =>
  mismatches<AdmissionCase>('admission.json', (item) => {
    if (item.kind === 'limit') {
      return { newDetections: planner.limitNewDetections(item.newDetections, item.scores, item.keep) };
    }
    const keep = item.boxesXyxy.map(([left, top, right, bottom]) =>
      planner.centreInsideMargin({ left, top, right, bottom }, item.margin),
    );
    return { keep };
  });

interface OcclusionCase {
  readonly name: string;
  readonly frame: number;
  readonly reverse: boolean;
  readonly iouThreshold: number;
  readonly ids: Ids;
  readonly lastOccluded: Readonly<Record<string, number>>;
  readonly newlyRemoved: Ids;
  readonly masks: Packed;
  readonly expected: unknown;
}

const occlusion: Check = (planner) =>
  mismatches<OcclusionCase>('occlusion.json', (item) => {
    const masks = bitMasks(item.masks);
    const { suppressed, lastOccluded } = planner.suppressOccluded({
      frameIndex: item.frame,
      reverse: item.reverse,
      iouThreshold: item.iouThreshold,
      tracks: item.ids.map((id, index) => ({ id, mask: masks[index] })),
      lastOccluded: new Map(Object.entries(item.lastOccluded).map(([id, frame]) => [Number(id) as ObjectId, frame])),
      newlyRemoved: new Set(item.newlyRemoved),
    });
    return { suppressed, lastOccluded: Object.fromEntries(lastOccluded) };
  });

interface ShrinkageCase {
  readonly name: string;
  readonly ratio: number;
  readonly logits: Packed;
  readonly expected: { readonly logits?: Packed };
}

const shrinkage: Check = (planner) =>
  mismatches<ShrinkageCase>('shrinkage.json', ({ ratio, logits, expected }) => {
    const maps = floatMaps(logits);
    const { suppressed, exclusiveArea, area } = planner.measureShrinkage(maps, ratio);
    maps.forEach((map, index) => {
      if (suppressed[index]) planner.suppressLogits(map);
    });
    const objectScoreLogits = maps.map((map) => planner.memoryScoreLogit(map));
    const after = expected.logits === undefined ? {} : { logits: sameAs(maps, expected.logits) };
    return { suppressed, exclusiveArea, area, objectScoreLogits, ...after };
  });

interface NonOverlapCase {
  readonly name: string;
  readonly scores: readonly number[];
  readonly masks: Packed;
  readonly expected: { readonly masks: Packed };
}

/** What the store does with the instances of one concept. The reference gives a removed object a negative score; here it is not among them. */
const nonOverlap: Check = () =>
  mismatches<NonOverlapCase>('nonoverlap.json', ({ scores, masks, expected }) => {
    const [given, wanted] = [masks, expected.masks].map((packed) =>
      bitMasks(packed).map((mask) => rleFromBitmap(unpackedMask(mask), mask.width, mask.height)),
    );
    const kept = given.filter((_, index) => scores[index] >= 0);
    const separate = resolveOverlaps(
      kept,
      scores.filter((score) => score >= 0),
    );
    const result = given.map((mask) => separate[kept.indexOf(mask)] ?? emptyMask(mask.width, mask.height));
    return { masks: isDeepStrictEqual(result, wanted) ? expected.masks : 'other masks' };
  });

interface HolesCase {
  readonly name: string;
  readonly maxArea: number;
  readonly fillHoles: boolean;
  readonly removeSprinkles: boolean;
  readonly logits: Packed;
  readonly expected: { readonly logits: Packed };
}

const holes: Check = (planner) =>
  mismatches<HolesCase>('holes.json', ({ logits, expected, ...options }) => {
    const [count, height, width] = logits.shape;
    const all = floatMaps({ ...logits, shape: [1, 1, count * height * width] })[0];
    for (let map = 0; map < count; map++) planner.fillHoles(all, width, height, options, map * height * width);
    return {
      logits:
        sameAs([all], { ...expected.logits, shape: [1, 1, count * height * width] }) === null ? null : expected.logits,
    };
  });

/** The expected value itself when every float is equal (exactly: values are copied or constants), null otherwise. */
function sameAs(maps: readonly Float32Array[], expected: Packed): Packed | null {
  return isDeepStrictEqual(maps, floatMaps(expected)) ? expected : null;
}

const sequence =
  (name: string): Check =>
  (planner) => {
    const item = readFixture<Sequence>(`hotstart/${name}`);
    const played = replay(planner, item, optionsOf(item));
    const lines = item.frames.flatMap(({ frame, expected }, index) =>
      Object.entries(expected)
        .filter(([key, value]) => !isDeepStrictEqual(played.frames[index][key as keyof typeof expected], sorted(value)))
        .map(([key]) => `${name} frame ${frame}: ${key}`),
    );
    return isDeepStrictEqual(played.yields, item.yields) ? lines : [...lines, `${name}: yields`];
  };

/** Overlap pairs form a set: compared in the order of their ids. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || !('overlapPairs' in value)) return value;
  const pairs = [...(value.overlapPairs as { keeper: number; other: number }[])];
  return { ...value, overlapPairs: pairs.sort((a, b) => a.keeper - b.keeper || a.other - b.other) };
}

function mismatches<Case extends { readonly name: string; readonly expected: unknown }>(
  file: string,
  run: (item: Case) => unknown,
): readonly string[] {
  const { cases } = readFixture<{ readonly cases: readonly Case[] }>(file);
  return cases.filter((item) => !isDeepStrictEqual(run(item), item.expected)).map(({ name }) => `${file}: ${name}`);
}

/** Every fixture file, by name. */
export function allChecks(): Readonly<Record<string, Check>> {
  const sequences = sequenceNames().map((name) => [name, sequence(name)] as const);
  return { association, nms, admission, occlusion, shrinkage, nonOverlap, holes, ...Object.fromEntries(sequences) };
}
