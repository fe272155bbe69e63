import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BitMask, PlannerOptions } from '../../src-main/core/tracking/planner/index.ts';
import type { DetectorConstants } from '../../src-main/core/tracking/ports.ts';
import type { ObjectId } from '../../src-shared/domain/ids.ts';
import { packedMask } from '../support/bit-masks.ts';

/** Readers of the planner fixtures, whose format their README describes. */
export const fixtureFolder = join(import.meta.dirname, '../../../shared/fixtures/planner');
export const haveFixtures = existsSync(join(fixtureFolder, 'association.json'));

export interface Packed {
  readonly dtype: 'bits' | 'f32';
  readonly shape: readonly [number, number, number];
  readonly base64: string;
}

export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(join(fixtureFolder, name), 'utf8')) as T;
}

export function sequenceNames(): readonly string[] {
  return readdirSync(join(fixtureFolder, 'hotstart')).filter((name) => name.endsWith('.json'));
}

/** Bits run over the whole array, least significant first: a mask need not start on a byte. */
export function bitMasks({ shape: [count, height, width], base64 }: Packed): readonly BitMask[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: count }, (_, mask) => {
    const bitmap = new Uint8Array(height * width);
    const first = mask * height * width;
    for (let at = 0; at < bitmap.length; at++) bitmap[at] = (bytes[(first + at) >> 3] >> ((first + at) & 7)) & 1;
    return packedMask(bitmap, width, height);
  });
}

export function floatMaps({ shape: [count, height, width], base64 }: Packed): readonly Float32Array<ArrayBuffer>[] {
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  const size = height * width;
  return Array.from(
    { length: count },
    (_, map) => new Float32Array(bytes.buffer.slice(map * size * 4, (map + 1) * size * 4)),
  );
}

export interface SequenceConfig {
  readonly assocIou: number;
  readonly trkAssocIou: number;
  readonly newDetThresh: number;
  readonly oneToOne: boolean;
  readonly hotstartDelay: number;
  readonly hotstartUnmatchThresh: number;
  readonly hotstartDupThresh: number;
  readonly initKeepAlive: number;
  readonly maxKeepAlive: number;
  readonly minKeepAlive: number;
  readonly suppressUnmatchedOnlyWithinHotstart: boolean;
  readonly decreaseKeepAliveForEmpty: boolean;
  readonly occlusionIou: number;
  readonly maxObjects: number;
  readonly reconditionEvery: number;
  readonly confirmationEnable: boolean;
  readonly confirmationFrames: number;
}

type Table = Readonly<Record<string, number>>;

export interface SequenceFrame {
  readonly frame: number;
  readonly detections: { readonly scores: readonly number[]; readonly masks: Packed };
  readonly tracks: {
    readonly ids: readonly ObjectId[];
    readonly objectScoreLogits: readonly number[];
    readonly masks: Packed;
  };
  readonly expected: {
    readonly newDetections: readonly number[];
    readonly newIds: readonly number[];
    readonly dropped: number;
    readonly unmatchedTracks: readonly number[];
    readonly matched: readonly { readonly detection: number; readonly tracks: readonly number[] }[];
    readonly highConfidence: readonly { readonly track: number; readonly detection: number }[];
    readonly reconditioned: readonly number[];
    readonly removed: readonly number[];
    readonly occlusionSuppressed: readonly number[];
    readonly hidden: readonly number[];
    readonly state: {
      readonly ids: readonly number[];
      readonly maxId: number;
      readonly keepAlive: Table;
      readonly firstFrame: Table;
      readonly unmatchedCount: Table;
      readonly overlapPairs: readonly { readonly keeper: number; readonly other: number; readonly count: number }[];
      readonly lastOccluded: Table;
      readonly removedEver: readonly number[];
    };
    readonly confirmation?: {
      readonly ids: readonly number[];
      readonly status: readonly number[];
      readonly consecutive: readonly number[];
    };
  };
}

export interface Sequence {
  readonly name: string;
  readonly config: SequenceConfig;
  readonly reverse: boolean;
  readonly frames: readonly SequenceFrame[];
  readonly yields: readonly { readonly afterFrame: number; readonly frame: number; readonly ids: readonly number[] }[];
}

/** The released tracker's column of the constants table (sam-pipeline 2.12, B). */
export const released: DetectorConstants = {
  numQueries: 200,
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
  fillHoleArea: 16,
  maxObjects: 10000,
  reconditionEvery: 16,
  highConf: 0.8,
  highIou: 0.8,
  areaShrinkage: 0.3,
};

/** Options of a sequence; ids count from 0 as in the reference. */
export function optionsOf(sequence: Sequence, changes: Partial<DetectorConstants> = {}): PlannerOptions {
  const { config, reverse } = sequence;
  let next = 0;
  return {
    constants: { ...released, ...config, ...changes },
    reverse,
    allocateId: () => next++ as ObjectId,
    oneToOne: config.oneToOne,
    ...(config.confirmationEnable ? { confirmationFrames: config.confirmationFrames } : {}),
  };
}
