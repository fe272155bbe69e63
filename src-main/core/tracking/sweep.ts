import { frameIndex as asFrameIndex, type FrameIndex, type ObjectId } from '../../../src-shared/domain/ids.ts';
import type { TrackedFrame } from '../../../src-shared/domain/track.ts';
import { throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { BoxMotion, boxOf } from './box-motion.ts';
import type { ConceptFrame, ConceptTrack, Sighting } from './concept-track.ts';
import { conceptResults, freeResult } from './frame-results.ts';
import { judgeFollowed, judgeFound } from './guards.ts';
import { conceptKeepsakes, freeKeepsake, type Judged, type Seen } from './keepsakes.ts';
import { withoutStrays } from './leave-strays.ts';
import { type Light, lightOf } from './light.ts';
import type { Observation } from './memory-bank.ts';
import { answerMasks, followObjects } from './object-step.ts';
import type { ObjectTrack } from './object-track.ts';
import type { Pass } from './passes.ts';
import type { ImageFeatures, ModelFrame } from './ports.ts';
import { recall } from './recall.ts';
import { passOver, remember } from './remember.ts';
import { lookFor, soughtOn } from './second-look.ts';
import { rulesFor, type TrackerState } from './tracker-state.ts';

export interface SweepRequest {
  readonly pass: Pass;
  /** Objects to track, the others are left alone and nothing is looked for; null: every object and concept. */
  readonly objectIds: ReadonlySet<ObjectId> | null;
  readonly signal: AbortSignal | undefined;
}

/**
 * One frame of a pass, from pixels to memory:
 * objects whose mask is given stand; the others are followed with their memory, all in one batch; concepts are looked for and matched
 * with their objects; what was seen and matched enters memory in one batch; the frame is told. Cancelling leaves every memory as it was
 * before the frame. Source: SAM 2 `propagate_in_video`, SAM 3 `_det_track_one_frame`.
 */
export async function sweepFrame(state: TrackerState, request: SweepRequest, frame: ModelFrame): Promise<TrackedFrame> {
  const { pass, signal } = request;
  const t = asFrameIndex(frame.frameIndex);
  const { standing, following, sought, concepts } = partake(state, request, t);
  const needsImage = following.length > 0 || concepts.length > 0;

  throwIfAborted(signal);
  const features = needsImage ? await state.features.of(frame) : null;
  throwIfAborted(signal);
  const followed = features === null ? [] : await follow(state, features, t, pass, following);
  throwIfAborted(signal);
  const found = sought === null ? [] : [await look(state, frame, pass, sought)];
  throwIfAborted(signal);
  const seen = [...standing, ...followed, ...found];
  const matched = features === null ? [] : await lookAndMatch(state, features, t, concepts, seen, signal);
  const given = features === null ? new Map() : await answerGiven(state, features, t, matched);

  const free = judgeFree(state, pass, seen, matched);
  const keepsakes = [
    ...free.filter(({ followed }) => followed).map((each) => freeKeepsake(each, state.settings.guards?.absences)),
    ...matched.flatMap((concept) => conceptKeepsakes(state, concept, seen, given)),
  ];
  // What was looked for in another light is remembered in this frame's own.
  const own = features ?? (keepsakes.some(({ memory }) => memory !== null) ? await state.features.of(frame) : null);
  await remember(state, own, keepsakes, pass);
  for (const { track } of standing) passOver(state, track, t, pass);
  let light: Light | null = null;
  const lightHere = () => (light ??= lightOf(frame.pixels));
  for (const each of free) trust(state, each, t, lightHere);

  const retracted = matched.flatMap(({ plan }) => plan.removed);
  for (const id of retracted) state.objects.delete(id);
  const objects = [...free.map(freeResult), ...matched.flatMap((concept) => conceptResults(concept, given))];
  return { frameIndex: t, objects: objects.sort((a, b) => a.objectId - b.objectId), retracted };
}

/** Notes where an object was last believed, and where the model was last sure of it. */
function trust(
  state: TrackerState,
  { track, observation, verdict, followed }: Judged,
  frameIndex: number,
  lightHere: () => Light,
): void {
  const { area, iou, scoreLogit, logits } = observation;
  if (verdict !== 'trusted' || scoreLogit <= 0) return;
  track.lastTrusted = { frameIndex, area, box: boxOf(logits, state.model.spec.lowres) ?? undefined };
  const rule = state.settings.guards?.returns;
  if (rule !== undefined && (!followed || iou >= rule.iou)) track.lastSure = { frameIndex, light: lightHere() };
}

/** Who takes part on a frame: objects whose mask is given, objects to follow, an absent one to look for, concepts to look for. */
function partake(state: TrackerState, { pass, objectIds }: SweepRequest, t: FrameIndex) {
  const wanted = [...state.objects.values()].filter(({ objectId }) => objectIds?.has(objectId) ?? true);
  const present = wanted.filter((track) => takesPart(state, track, pass, t));
  const searched = objectIds === null ? [...state.concepts.values()] : [];
  const following = present.filter(({ bank }) => !bank.conditioning.has(t));
  const sought = soughtOn(state, t, pass.heading, following);
  return {
    standing: present.filter(({ bank }) => bank.conditioning.has(t)).map((track) => stand(state, track, t)),
    following: following.filter((track) => track !== sought),
    sought,
    concepts: searched.filter((concept) => isSearched(concept, pass, t)),
  };
}

/** Objects that no concept planned on this frame, with the studio's opinion of what was seen of them. */
function judgeFree(
  state: TrackerState,
  { heading }: Pass,
  seen: readonly Seen[],
  matched: readonly ConceptFrame[],
): readonly Judged[] {
  const planned = new Set(matched.map(({ conceptId }) => conceptId));
  return seen
    .filter(({ track }) => track.conceptId === null || !planned.has(track.conceptId))
    .map((each) => {
      const { observation, track, followed, sought } = each;
      const judged = sought ? judgeFound : judgeFollowed;
      return { ...each, verdict: followed ? judged(observation, track, heading, state.settings.guards) : 'trusted' };
    });
}

/** A concept's objects go back from where the search began. */
function takesPart(state: TrackerState, track: ObjectTrack, pass: Pass, t: FrameIndex): boolean {
  const concept = conceptOf(state, track);
  const goesBack = concept !== undefined && (pass.secondHalf || concept.goesOnFrom !== null);
  return goesBack ? isSearched(concept, pass, t) : pass.covers(startsOf(state, track), t);
}

function isSearched({ startFrame, goesOnFrom }: ConceptTrack, pass: Pass, t: FrameIndex): boolean {
  return goesOnFrom === null ? pass.covers([startFrame], t) : (t - goesOnFrom) * pass.heading >= 0;
}

/** The frames from which an object is tracked; where its concept goes on the other way, the one from which that does. */
export function startsOf(state: TrackerState, track: ObjectTrack): readonly number[] {
  const { bank, origin } = track;
  const goesOnFrom = conceptOf(state, track)?.goesOnFrom ?? null;
  if (goesOnFrom !== null) return [goesOnFrom];
  // A correction may have displaced the frame on which it was found.
  return origin === null ? [...bank.conditioning.keys()] : [origin.frameIndex, ...bank.conditioning.keys()];
}

function conceptOf({ concepts }: TrackerState, { conceptId }: ObjectTrack): ConceptTrack | undefined {
  return conceptId === null ? undefined : concepts.get(conceptId);
}

/** An object whose mask on this frame was given; its motion starts anew from there. */
function stand(state: TrackerState, track: ObjectTrack, t: FrameIndex): Seen {
  const observation = track.bank.conditioning.get(t)!;
  if (!usesMotion(state, track)) return { track, observation, followed: false, motion: undefined };
  const motion = new BoxMotion();
  motion.observe(observation.logits, state.model.spec.lowres);
  track.motion = motion;
  return { track, observation, followed: false, motion };
}

async function follow(
  state: TrackerState,
  features: ImageFeatures,
  t: FrameIndex,
  pass: Pass,
  tracks: readonly ObjectTrack[],
): Promise<readonly Seen[]> {
  const { lowres } = state.model.spec;
  const motions = tracks.map((track) => (usesMotion(state, track) ? track.motion.moved() : undefined));
  const followers = tracks.map((track, index) => {
    const motion = motions[index];
    return {
      memory: recall(track.bank, t, pass.heading, rulesFor(state, track)),
      rescore: motion === undefined ? null : (logits: Float32Array, iou: number) => motion.score(logits, lowres, iou),
    };
  });
  const observations = await followObjects(state.model, features, t, followers);
  const reach = state.settings.guards?.strays;
  return observations.map((each, index) => {
    const motion = motions[index];
    const { lastTrusted } = tracks[index];
    const seen = reach === undefined ? each : withoutStrays(each, lastTrusted, pass.heading, lowres, reach);
    const motionScore = motion?.settled ? motion.agreement(seen.logits, lowres) : null;
    motion?.observe(seen.logits, lowres);
    return { track: tracks[index], observation: { ...seen, motionScore }, followed: true, motion };
  });
}

async function look(state: TrackerState, frame: ModelFrame, { heading }: Pass, track: ObjectTrack): Promise<Seen> {
  const observation = await lookFor(state, frame, heading, track);
  return { track, observation, followed: true, motion: undefined, sought: true };
}

/** Detects each concept on the shared features and plans its objects; a concept's planner moves on only when all were detected. */
async function lookAndMatch(
  state: TrackerState,
  features: ImageFeatures,
  t: FrameIndex,
  concepts: readonly ConceptTrack[],
  seen: readonly Seen[],
  signal: AbortSignal | undefined,
): Promise<readonly ConceptFrame[]> {
  const sightings: (Sighting | null)[] = [];
  for (const concept of concepts) {
    sightings.push(await concept.look(state.model, features, t));
    throwIfAborted(signal);
  }
  return concepts.map((concept, index) => {
    const members = seen.filter(({ track }) => track.conceptId === concept.conceptId);
    return concept.match(state.model.spec, t, sightings[index], members, state.settings.guards);
  });
}

/** Masks that detections give, answered in one decoder call. */
async function answerGiven(
  state: TrackerState,
  features: ImageFeatures,
  t: FrameIndex,
  matched: readonly ConceptFrame[],
): Promise<ReadonlyMap<Float32Array, Observation>> {
  const refresh = state.settings.reconditionMode !== 'track';
  const masks = matched.flatMap(({ created, refreshed }) =>
    [...created, ...(refresh ? refreshed : [])].map(({ promptMask }) => promptMask),
  );
  const observations = await answerMasks(state.model, features, t, masks);
  return new Map(masks.map((mask, index) => [mask, observations[index]]));
}

function usesMotion(state: TrackerState, track: ObjectTrack): boolean {
  return rulesFor(state, track).rule.kind === 'kalman';
}
