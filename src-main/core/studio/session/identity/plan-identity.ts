import type { IdentityChange, IdentityLane, IdentityPlan } from '../../../../../src-shared/contract/identity.ts';
import type { ObjectId, PromptId } from '../../../../../src-shared/domain/ids.ts';
import { objectColour } from '../../../../../src-shared/domain/palette.ts';
import type { FrameRange } from '../../../../../src-shared/domain/prompt.ts';
import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';
import type { PromptRecord } from '../../../store/index.ts';
import { cutSpans, frameTotal, mergeSpans, presentIn, rangeOf, type Spans, subtractSpans } from './mask-spans.ts';

export interface IdentityFacts {
  readonly frameCount: number;
  readonly objects: ReadonlyMap<ObjectId, { readonly name: string; readonly colour: string }>;
  readonly spansOf: (object: ObjectId) => Spans;
  readonly prompts: readonly PromptRecord[];
  readonly nextObjectId: ObjectId;
}

/** Masks that two objects exchange on some frames; `aside`: they are put away instead. */
export interface Handover {
  readonly from: ObjectId;
  readonly to: ObjectId | 'aside';
  readonly spans: readonly FrameRange[];
  /** The object is absent there instead. */
  readonly leavesAbsent: boolean;
}

/** Everything that a change consists of. */
export interface IdentityWork {
  readonly plan: IdentityPlan;
  readonly made: { readonly objectId: ObjectId; readonly name: string; readonly like: ObjectId } | null;
  readonly gone: ObjectId | null;
  readonly handovers: readonly Handover[];
  readonly movedPrompts: readonly { readonly promptId: PromptId; readonly to: ObjectId }[];
  readonly droppedPrompts: readonly PromptId[];
  /** Where tracking again must find what was decided: the first mask of the range is said to be the object's. */
  readonly seams: readonly { readonly objectId: ObjectId; readonly range: FrameRange }[];
  readonly absent: { readonly objectId: ObjectId; readonly range: FrameRange } | null;
}

type Draft = Omit<IdentityWork, 'plan'> & { readonly label: string };
type Change<Kind extends IdentityChange['kind']> = Extract<IdentityChange, { kind: Kind }>;

/** What a change does, without doing it. Throws `prompt-invalid` (no such object), `range-invalid` (outside, or nothing there to change). */
export function planIdentity(facts: IdentityFacts, change: IdentityChange): IdentityWork {
  const { label, ...work } = draftOf(facts, change);
  return { ...work, plan: { label, ...effectsOf(facts, work) } };
}

function draftOf(facts: IdentityFacts, change: IdentityChange): Draft {
  switch (change.kind) {
    case 'split':
      return split(facts, change);
    case 'swap':
      return swap(facts, change);
    case 'join':
      return join(facts, change);
    case 'reassign':
      return reassign(facts, change);
    case 'absent':
      return markAbsent(facts, change);
  }
}

const nothing = {
  made: null,
  gone: null,
  handovers: [],
  movedPrompts: [],
  droppedPrompts: [],
  seams: [],
  absent: null,
} as const;

function split(facts: IdentityFacts, { objectId, frameIndex }: Change<'split'>): Draft {
  const name = nameOf(facts, objectId);
  const range = requireRange(facts, frameIndex, facts.frameCount - 1);
  const { inside, outside } = cutSpans(facts.spansOf(objectId), range);
  if (inside.length === 0 || outside.length === 0) {
    const side = inside.length === 0 ? `from frame ${frameIndex} on` : `before frame ${frameIndex}`;
    throw nothingThere(`${name} has no mask ${side}, so there is nothing to split off`);
  }
  const made = newObject(facts, objectId);
  return {
    ...nothing,
    label: `Split ${name} at ${frameIndex}`,
    made,
    handovers: [{ from: objectId, to: made.objectId, spans: [range], leavesAbsent: false }],
    movedPrompts: promptsIn(facts, objectId, range).map(({ id }) => ({ promptId: id, to: made.objectId })),
    seams: [{ objectId: made.objectId, range }],
  };
}

function swap(facts: IdentityFacts, { objectId, otherId, first, last }: Change<'swap'>): Draft {
  requireTwo(objectId, otherId);
  const names = [nameOf(facts, objectId), nameOf(facts, otherId)];
  const range = requireRange(facts, first, last ?? facts.frameCount - 1);
  const has = (id: ObjectId) => cutSpans(facts.spansOf(id), range).inside.length > 0;
  if (!has(objectId) && !has(otherId)) {
    throw nothingThere(`${names.join(' and ')} have no masks on frames ${range.first} to ${range.last}`);
  }
  const cross = (from: ObjectId, to: ObjectId) => promptsIn(facts, from, range).map(({ id }) => ({ promptId: id, to }));
  const rest = range.last + 1 < facts.frameCount ? [rangeOf(range.last + 1, facts.frameCount - 1)] : [];
  return {
    ...nothing,
    label: `Swap ${names.join(' and ')} from ${first}`,
    handovers: [{ from: objectId, to: otherId, spans: [range], leavesAbsent: false }],
    movedPrompts: [...cross(objectId, otherId), ...cross(otherId, objectId)],
    seams: [objectId, otherId].flatMap((id) => [range, ...rest].map((part) => ({ objectId: id, range: part }))),
  };
}

function join(facts: IdentityFacts, { objectId, otherId }: Change<'join'>): Draft {
  requireTwo(objectId, otherId);
  const label = `Join ${nameOf(facts, otherId)} into ${nameOf(facts, objectId)}`;
  const whole = rangeOf(0, facts.frameCount - 1);
  const own = presentIn(facts.spansOf(objectId), whole);
  const spans = subtractSpans(presentIn(facts.spansOf(otherId), whole), own);
  const prompted = new Set(promptsIn(facts, objectId, whole).map(({ prompt }) => prompt.frameIndex));
  const theirs = promptsIn(facts, otherId, whole);
  const moving = theirs.filter(({ prompt }) => !prompted.has(prompt.frameIndex));
  return {
    ...nothing,
    label,
    gone: otherId,
    handovers: spans.length === 0 ? [] : [{ from: otherId, to: objectId, spans, leavesAbsent: false }],
    movedPrompts: moving.map(({ id }) => ({ promptId: id, to: objectId })),
    droppedPrompts: theirs.filter((each) => !moving.includes(each)).map(({ id }) => id),
    seams: spans.slice(0, 1).map((range) => ({ objectId, range })),
  };
}

function reassign(facts: IdentityFacts, { objectId, otherId, first, last }: Change<'reassign'>): Draft {
  if (otherId !== null) requireTwo(objectId, otherId);
  const range = requireRange(facts, first, last);
  const name = nameOf(facts, objectId);
  const spans = presentIn(facts.spansOf(objectId), range);
  if (spans.length === 0) throw nothingThere(`${name} has no mask on frames ${first} to ${last}`);
  const made = otherId === null ? newObject(facts, objectId) : null;
  const to = otherId ?? facts.nextObjectId;
  const isThere = ({ prompt }: PromptRecord) =>
    spans.some((span) => prompt.frameIndex >= span.first && prompt.frameIndex <= span.last);
  const inTheWay = otherId === null ? [] : promptsIn(facts, otherId, range).filter(isThere);
  const makesWay = otherId !== null && spans.some((span) => cutSpans(facts.spansOf(otherId), span).inside.length > 0);
  return {
    ...nothing,
    label: `Give ${first} to ${last} of ${name} to ${made?.name ?? nameOf(facts, to)}`,
    made,
    handovers: [
      ...(makesWay ? [{ from: to, to: 'aside' as const, spans, leavesAbsent: false }] : []),
      { from: objectId, to, spans, leavesAbsent: false },
    ],
    movedPrompts: promptsIn(facts, objectId, range).map(({ id }) => ({ promptId: id, to })),
    droppedPrompts: inTheWay.map(({ id }) => id),
    seams: [{ objectId: to, range }],
  };
}

function markAbsent(facts: IdentityFacts, { objectId, first, last }: Change<'absent'>): Draft {
  const range = requireRange(facts, first, last);
  const frames = first === last ? `frame ${first}` : `frames ${first} to ${last}`;
  return {
    ...nothing,
    label: `Mark ${nameOf(facts, objectId)} absent on ${frames}`,
    handovers: [{ from: objectId, to: 'aside', spans: [range], leavesAbsent: true }],
    droppedPrompts: promptsIn(facts, objectId, range).map(({ id }) => id),
    absent: { objectId, range },
  };
}

/** Lanes before and after, found by doing the handovers to spans instead of masks. */
function effectsOf(facts: IdentityFacts, work: Omit<Draft, 'label'>): Omit<IdentityPlan, 'label'> {
  const after = new Map<ObjectId, Spans>();
  const now = (id: ObjectId): Spans => after.get(id) ?? (id === work.made?.objectId ? [] : facts.spansOf(id));
  let masks = 0;
  for (const { from, to, spans, leavesAbsent } of work.handovers) {
    for (const span of spans) {
      const given = cutSpans(now(from), span);
      const taken =
        to === 'aside' ? { inside: leavesAbsent ? absentOn(span) : [], outside: [] } : cutSpans(now(to), span);
      masks += frameTotal(given.inside) + (to === 'aside' ? 0 : frameTotal(taken.inside));
      after.set(from, mergeSpans(given.outside, taken.inside));
      if (to !== 'aside') after.set(to, mergeSpans(taken.outside, given.inside));
    }
  }
  if (work.gone !== null) after.set(work.gone, []);
  return {
    masks,
    lanes: [...after].map(([objectId, spans]) => laneOf(facts, work, objectId, spans)),
    promptsMoved: work.movedPrompts.length,
    promptsDropped: work.droppedPrompts.length,
  };
}

function laneOf(facts: IdentityFacts, work: Omit<Draft, 'label'>, objectId: ObjectId, after: Spans): IdentityLane {
  const { made, gone } = work;
  if (made?.objectId === objectId) {
    return { objectId, name: made.name, colour: objectColour(objectId), fate: 'made', before: [], after };
  }
  const { name, colour } = requireObject(facts, objectId);
  return { objectId, name, colour, fate: gone === objectId ? 'gone' : 'kept', before: facts.spansOf(objectId), after };
}

function absentOn(range: FrameRange): Spans {
  return [{ ...range, state: 'absent' }];
}

function promptsIn({ prompts }: IdentityFacts, object: ObjectId, { first, last }: FrameRange): PromptRecord[] {
  return prompts.filter(
    ({ prompt }) =>
      'objectId' in prompt && prompt.objectId === object && prompt.frameIndex >= first && prompt.frameIndex <= last,
  );
}

function newObject(facts: IdentityFacts, like: ObjectId) {
  const taken = new Set([...facts.objects.values()].map(({ name }) => name));
  const stem = nameOf(facts, like);
  let number = 2;
  while (taken.has(`${stem} (${number})`)) number++;
  return { objectId: facts.nextObjectId, name: `${stem} (${number})`, like };
}

function nameOf(facts: IdentityFacts, object: ObjectId): string {
  return requireObject(facts, object).name;
}

function requireObject({ objects }: IdentityFacts, object: ObjectId) {
  const found = objects.get(object);
  if (found !== undefined) return found;
  throw new StudioError('prompt-invalid', 'user', `This session has no object ${object}; nothing was changed.`);
}

function requireTwo(a: ObjectId, b: ObjectId): void {
  if (a !== b) return;
  throw new StudioError('prompt-invalid', 'user', 'That takes two different objects; nothing was changed.');
}

function requireRange({ frameCount }: IdentityFacts, first: number, last: number): FrameRange {
  if (first <= last && last < frameCount) return rangeOf(first, last);
  throw nothingThere(`The frames ${first} to ${last} do not lie in a video with frames 0 to ${frameCount - 1}`);
}

function nothingThere(what: string): StudioError {
  return new StudioError('range-invalid', 'user', `${what}; nothing was changed.`);
}
