import type { z } from 'zod';
import type { ReportContract as PublicContract } from '../../../../src-shared/contract/report-contract.ts';
import type { ReportEvent } from '../../../../src-shared/contract/report-results.ts';
import type { ReviewEvent } from '../../../../src-shared/contract/results.ts';
import type { Contract } from '../../../../src-shared/rpc/contract-types.ts';
import type { MediaTools } from '../../video/index.ts';
import { typed } from './decode-contract.ts';

type Wish<Name extends keyof PublicContract> = z.output<PublicContract[Name]['input']>;

/** What most reports read video and pictures with. */
export interface MediaRequest {
  readonly tools: MediaTools;
  readonly cacheFolder: string;
}

/** A pack that the main thread has found. */
export interface PackFolder {
  readonly packFolder: string;
}

type Request<Name extends keyof PublicContract, More = unknown> = Omit<Wish<Name>, 'packId' | 'otherPackId'> & More;

export type EvaluateRequest = Request<'evaluate'>;
export type VerifyRequest = Request<'verifyPack', PackFolder>;
export type ParityRequest = Request<
  'parity',
  PackFolder & { readonly otherPackFolder: string } & Partial<MediaRequest>
>;
export type BenchRequest = Request<'bench', PackFolder>;
export type CompareRequest = Request<'compareBenches'>;
export type EmbedRequest = Request<'embed', PackFolder & MediaRequest>;
export type SameRequest = Request<'proposeSame', PackFolder & MediaRequest>;
export type FindRequest = Request<'findByPicture', PackFolder & MediaRequest & { readonly folder: string }>;
export type CocoRequest = Request<'cocoBenchmark', PackFolder & Partial<MediaRequest>>;
/** The rounds of clicks so far were tracked into `sessionPath`: score it and say where to click next. */
export interface ClickRequest {
  readonly sessionPath: string;
  readonly truthPath: string;
}

const stream = <T>() => ({ kind: 'stream', input: typed<T>(), event: typed<ReportEvent>() }) as const;

/** What the report thread does: reads sessions and files, opens packs of its own, measures, writes reports. */
export const reportThreadContract = {
  evaluate: stream<EvaluateRequest>(),
  verifyPack: stream<VerifyRequest>(),
  parity: stream<ParityRequest>(),
  bench: stream<BenchRequest>(),
  compareBenches: stream<CompareRequest>(),
  embed: stream<EmbedRequest>(),
  proposeSame: stream<SameRequest>(),
  findByPicture: stream<FindRequest>(),
  cocoBenchmark: stream<CocoRequest>(),
  reviewStops: { kind: 'stream', input: typed<{ sessionPath: string }>(), event: typed<ReviewEvent>() },
  nextClicks: { kind: 'query', input: typed<ClickRequest>(), output: typed<ClickAnswer>() },
} as const satisfies Contract;

/** Scores of one round (fractions, by object) and the click that a person would make next for each object. */
export interface ClickAnswer {
  readonly mean: { readonly j: number; readonly f: number; readonly jf: number } | null;
  readonly clicks: readonly {
    readonly objectId: number;
    readonly frameIndex: number;
    readonly x: number;
    readonly y: number;
    readonly include: boolean;
  }[];
}

export type ReportThreadContract = typeof reportThreadContract;
