import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import type { TrackedObject } from '../../../src-shared/domain/track.ts';
import type { ConceptFrame, MemberMask } from './concept-track.ts';
import type { GivenAnswers, Judged } from './keepsakes.ts';
import type { MemoryEntry, Observation } from './memory-bank.ts';
import type { ObjectTrack } from './object-track.ts';

/** How an observation is told when nothing but the tracker had a say. */
export function observed(
  track: ObjectTrack,
  observation: Observation,
  source: TrackedObject['source'],
  visible = observation.scoreLogit > 0,
): TrackedObject {
  const { logits, iou, scoreLogit } = observation;
  return {
    objectId: track.objectId,
    conceptId: track.conceptId,
    source,
    // A copy: the receiver may transfer it to another thread, and memory keeps its own.
    logits: visible ? logits.slice() : null,
    scores: { predictedIou: iou, objectScoreLogit: scoreLogit, presence: null, detection: track.origin?.score ?? null },
    provisional: false,
  };
}

/** An object that no concept planned on this frame. */
export function freeResult({ track, observation, followed, verdict }: Judged): TrackedObject {
  const visible = observation.scoreLogit > 0 && verdict !== 'lost';
  return observed(track, observation, followed ? 'tracked' : standingSource(observation), visible);
}

/** The members of a concept and its new objects, with the scores of the detections that matched or made them. */
export function conceptResults(concept: ConceptFrame, given: GivenAnswers): readonly TrackedObject[] {
  const removed = new Set<ObjectId>(concept.plan.removed);
  const provisional = new Set<ObjectId>(concept.plan.provisional);
  const members = concept.members
    .filter(({ track }) => !removed.has(track.objectId))
    .map((member) => memberResult(concept, member, provisional.has(member.track.objectId)));
  const created = concept.created.map(
    ({ id, detection, shown, promptMask }): TrackedObject => ({
      objectId: id,
      conceptId: concept.conceptId,
      source: 'detected',
      logits: (given.get(promptMask)?.area ?? 0) > 0 || detection.mask.area > 0 ? shown : null,
      scores: {
        predictedIou: null,
        objectScoreLogit: null,
        presence: concept.sighting?.raw.presence ?? null,
        detection: detection.score,
      },
      provisional: provisional.has(id),
    }),
  );
  return [...members, ...created];
}

function memberResult(concept: ConceptFrame, member: MemberMask, provisional: boolean): TrackedObject {
  const { track, observation, shown } = member;
  const given = track.bank.conditioning.get(observation.frameIndex)?.fromUser === true;
  return {
    objectId: track.objectId,
    conceptId: concept.conceptId,
    source: given ? 'prompt' : 'tracked',
    logits: given ? observation.logits.slice() : shown,
    scores: {
      predictedIou: observation.iou,
      objectScoreLogit: observation.scoreLogit,
      presence: concept.sighting?.raw.presence ?? null,
      detection: bestMatch(concept, track.objectId),
    },
    provisional,
  };
}

/** Score of the best detection that overlaps the object on this frame. */
function bestMatch({ plan, sighting }: ConceptFrame, id: ObjectId): number | null {
  const scores = plan.association.matched
    .filter(({ tracks }) => tracks.includes(id))
    .map(({ detection }) => sighting?.candidates[detection].score ?? 0);
  return scores.length === 0 ? null : Math.max(...scores);
}

function standingSource(observation: Observation): TrackedObject['source'] {
  return (observation as Partial<MemoryEntry>).fromUser === true ? 'prompt' : 'tracked';
}
