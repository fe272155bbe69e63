import type { DetectedInstance, SegmentResult } from '../../../src-shared/contract/results.ts';
import type { PreviewPoint } from '../../../src-shared/contract/schemas.ts';
import { type ConceptId, type FrameIndex, type ObjectId, runId } from '../../../src-shared/domain/ids.ts';
import type { TrackedObject } from '../../../src-shared/domain/track.ts';
import type { RunMemory } from '../tracking/index.ts';
import { openPack, type PackChoice } from './open-pack.ts';
import type { OpenSession } from './open-sessions.ts';
import type { LogitGrid } from './session/logit-grid.ts';
import type { SegmentPlan } from './session/plan-segment.ts';
import type { StudioParts } from './studio-parts.ts';
import type { OpenedPack } from './threads/inference-contract.ts';

export interface SegmentWish extends PackChoice {
  readonly frameIndex: FrameIndex;
  readonly objectIds: readonly ObjectId[] | null;
  readonly keep: boolean;
}

/** Answers prompts on one frame: the store says what to ask, the inference thread asks the model, the store thresholds. */
export async function segmentNow(
  parts: StudioParts,
  session: OpenSession,
  wish: SegmentWish,
  signal: AbortSignal,
): Promise<SegmentResult> {
  const startedAt = performance.now();
  const { frameIndex, objectIds } = wish;
  const plan = await (await parts.store()).planSegment({ handle: session.handle, frameIndex, objectIds });
  return answerPlan(parts, session, { ...wish, plan, startedAt }, signal);
}

/** The answer to one more click, as if it had been given; stores nothing. */
export async function previewNow(
  parts: StudioParts,
  session: OpenSession,
  { packId, device, ...point }: PreviewPoint & PackChoice,
  signal: AbortSignal,
): Promise<SegmentResult> {
  const startedAt = performance.now();
  const plan = await (await parts.store()).planPreview({ handle: session.handle, point });
  const { frameIndex } = point;
  return answerPlan(parts, session, { packId, device, frameIndex, keep: false, plan, startedAt }, signal);
}

interface PlannedAnswer extends PackChoice {
  readonly frameIndex: FrameIndex;
  readonly keep: boolean;
  readonly plan: SegmentPlan;
  readonly startedAt: number;
}

async function answerPlan(
  parts: StudioParts,
  session: OpenSession,
  wish: PlannedAnswer,
  signal: AbortSignal,
): Promise<SegmentResult> {
  const { handle } = session;
  const { frameIndex, keep, startedAt } = wish;
  const { inquiries, answered, packHashes } = wish.plan;
  const store = await parts.store();
  const pack = await openPack(parts, wish, signal);
  let masks = answered;
  let modelMillis = 0;
  if (inquiries.length > 0) {
    const inference = await parts.inference();
    const memories = await memoriesFor(parts, session, pack, packHashes);
    const transfer = memories.map(({ bytes }) => bytes.buffer);
    const request = { ...sourceOf(session, pack), frameIndex, inquiries, memories };
    const asked = await inference.segment(request, { signal, transfer });
    modelMillis = asked.modelMillis;
    const { objects } = asked;
    const answer = { handle, frameIndex, objects, grid: gridOf(pack), keep };
    masks = [...answered, ...(await store.answer(answer, { transfer: logitBuffers(objects) }))];
  }
  return {
    frameIndex,
    masks: masks.toSorted((a, b) => a.objectId - b.objectId),
    packId: pack.packId,
    provider: pack.provider,
    wallMillis: performance.now() - startedAt,
    modelMillis,
  };
}

/** Memories of the runs that tracked the objects last, as far as the inference thread lacks them and the pack is still the same. */
async function memoriesFor(
  parts: StudioParts,
  session: OpenSession,
  pack: OpenedPack,
  packHashes: SegmentPlan['packHashes'],
): Promise<readonly RunMemory[]> {
  const runKeys = Object.keys(packHashes).filter((key) => packHashes[key] === pack.packHash);
  if (runKeys.length === 0) return [];
  const [store, inference] = [await parts.store(), await parts.inference()];
  const missing = await inference.missingMemories({ ...sourceOf(session, pack), runKeys });
  const found = await Promise.all(
    missing.map((key) => store.runMemory({ handle: session.handle, runId: runId(Number(key)) })),
  );
  return found.filter((memory) => memory !== null);
}

export interface DetectWish extends PackChoice {
  readonly frameIndex: FrameIndex;
  readonly conceptId: ConceptId;
}

/** What the detector sees of a concept on one frame. */
export async function detectNow(
  parts: StudioParts,
  session: OpenSession,
  wish: DetectWish,
  signal: AbortSignal,
): Promise<readonly DetectedInstance[]> {
  const { handle } = session;
  const { frameIndex, conceptId } = wish;
  const store = await parts.store();
  const concept = await store.planDetect({ handle, frameIndex, conceptId });
  const pack = await openPack(parts, wish, signal);
  const inference = await parts.inference();
  const instances = await inference.detect({ ...sourceOf(session, pack), frameIndex, concept }, { signal });
  const transfer = instances.map(({ logits }) => logits.buffer);
  const facts = instances.map(({ score, presence }) => ({ score, presence }));
  const masks = await store.rasterise({ handle, instances, grid: gridOf(pack) }, { transfer });
  return masks.map((mask, index) => ({ mask, ...facts[index] }));
}

function sourceOf({ sourceId, info }: OpenSession, { packKey }: OpenedPack) {
  const { width, height, frameCount } = info;
  return { packKey, sourceId, video: { width, height, frameCount } };
}

function gridOf({ lowres, imageSize, imageFit }: OpenedPack): LogitGrid {
  return { lowres, imageSize, imageFit };
}

function logitBuffers(objects: readonly TrackedObject[]): object[] {
  return objects.flatMap(({ logits }) => (logits === null ? [] : [logits.buffer]));
}
