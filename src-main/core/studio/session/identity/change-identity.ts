import type { IdentityChange, IdentityPlan } from '../../../../../src-shared/contract/identity.ts';
import type { ObjectId } from '../../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';
import { type SessionReader, type SessionWriter, type SettingValue, trackingRecordsKey } from '../../../store/index.ts';
import { type OwnerRecord, objectOwner, promptsByOwner, readRecords, saidOf, trackingState } from '../owner-records.ts';
import { forbidResume } from '../plan-run.ts';
import { settingsOf } from '../run-settings.ts';
import { type Handover, type IdentityFacts, type IdentityWork, planIdentity } from './plan-identity.ts';

/** What a change would do. Throws as `planIdentity`. */
export function previewIdentity(session: SessionReader, change: IdentityChange): IdentityPlan {
  return planIdentity(factsOf(session), change).plan;
}

/**
 * Makes a change as one undoable step, all of it or nothing. Masks and reviews of stretches go where the change says; what was up to
 * date stays so, and a mask prompt where the change begins makes tracking again follow it. Throws `session-busy` while a run is going or its
 * changes are neither kept nor reverted, and as `planIdentity`.
 */
export function changeIdentity(session: SessionWriter, change: IdentityChange, reviewer: string): void {
  if (session.runs.latest()?.state === 'running') {
    throw new StudioError(
      'session-busy',
      'conflict',
      'Objects cannot trade masks while the session is being tracked; wait for the run or pause it first.',
    );
  }
  const work = planIdentity(factsOf(session), change);
  requireSettled(session, work);
  const signatures = signaturesOf(session, work);
  const unfinished = unfinishedOf(session, work);
  session.journal.step(work.plan.label, () => {
    if (work.made !== null) makeObject(session, work.made);
    for (const handover of work.handovers) handOver(session, handover, work.plan.label);
    movePrompts(session, work);
    if (work.gone !== null) session.objects.remove(work.gone);
    if (work.absent !== null) {
      session.reviews.say(work.absent.objectId, work.absent.range, 'absent', reviewer, work.plan.label);
    }
    plantSeams(session, work, (id) => signatures.has(id) || unfinished.has(id));
    sign(session, signatures);
    if (unfinished.size > 0 && work.absent === null) forbidResume(session);
  });
}

/** Masks that may still be put back would come back to whoever has them by then. */
function requireSettled(session: SessionReader, { plan }: IdentityWork): void {
  const open = plan.lanes.find(({ objectId }) => {
    const comparison = session.comparisons.of(objectId);
    // One that changed nothing is ended by the exchange.
    return comparison !== null && session.comparisons.changed(comparison).length > 0;
  });
  if (open === undefined) return;
  throw new StudioError(
    'session-busy',
    'conflict',
    `${open.name} was tracked again and its changes are neither kept nor reverted; decide that first. Nothing was changed.`,
  );
}

function factsOf(session: SessionReader): IdentityFacts {
  return {
    frameCount: session.media.get().info.frameCount,
    objects: new Map(session.objects.all().map((object) => [object.id, object])),
    spansOf: (object) => session.masks.coverage(object),
    prompts: session.prompts.all(),
    nextObjectId: session.objects.nextId(),
  };
}

function makeObject(session: SessionWriter, { objectId, name, like }: NonNullable<IdentityWork['made']>): void {
  const className = session.objects.get(like)?.className ?? null;
  session.objects.create({ id: objectId, name, className });
}

function handOver(session: SessionWriter, { from, to, spans, leavesAbsent }: Handover, label: string): void {
  const b = to === 'aside' ? session.masks.makeRoomAside(spans, leavesAbsent) : to;
  session.journal.apply(label, { kind: 'exchange', a: from, b, spans, aside: to === 'aside' });
  for (const span of spans) {
    if (to === 'aside') session.reviews.clear(from, span);
    else session.reviews.exchange(from, to, span);
  }
}

function movePrompts(session: SessionWriter, { movedPrompts, droppedPrompts }: IdentityWork): void {
  for (const promptId of droppedPrompts) session.prompts.remove(promptId);
  for (const { promptId, to } of movedPrompts) {
    const prompt = session.prompts.get(promptId)?.prompt;
    if (prompt !== undefined && 'objectId' in prompt) session.prompts.update(promptId, { ...prompt, objectId: to });
  }
}

/** What the objects of a change were last tracked with; only those that were up to date. */
type Signatures = ReadonlyMap<ObjectId, { readonly before: OwnerRecord | null; readonly base: OwnerRecord }>;

function signaturesOf(session: SessionReader, { plan, made, gone }: IdentityWork): Signatures {
  const records = readRecords(session);
  const prompts = promptsByOwner(session);
  const upToDate = (objectId: ObjectId): OwnerRecord | null => {
    const owner = objectOwner(objectId);
    const said = saidOf(prompts.get(owner) ?? []);
    const own = records[owner];
    if (own !== undefined) return trackingState(own.said, said) === 'tracked' ? own : null;
    const found = session.objects.get(objectId)?.conceptId ?? null;
    return found !== null && said.length === 0 ? (records[`concept:${found}`] ?? null) : null;
  };
  return new Map(
    plan.lanes.flatMap(({ objectId }) => {
      const base = upToDate(objectId === made?.objectId ? made.like : objectId);
      if (base === null || objectId === gone) return [];
      return [[objectId, { before: records[objectOwner(objectId)] ?? null, base }] as const];
    }),
  );
}

/** Objects of a change that a run which could be resumed has tracked, and what the change makes of them. Call before it is made. */
function unfinishedOf(session: SessionReader, { plan, made }: IdentityWork): ReadonlySet<ObjectId> {
  const latest = session.runs.latest();
  if (latest === null || latest.state === 'done') return new Set();
  const { said = {} } = settingsOf(latest);
  const wasTracked = (id: ObjectId): boolean => {
    const conceptId = session.objects.get(id)?.conceptId ?? null;
    return objectOwner(id) in said || (conceptId !== null && `concept:${conceptId}` in said);
  };
  const ids = plan.lanes.map(({ objectId }) => objectId);
  return new Set(ids.filter((id) => wasTracked(id === made?.objectId ? made.like : id)));
}

/** Where tracking again must find what was decided, for objects that `holds` says have something to hold on to. */
function plantSeams(session: SessionWriter, { seams }: IdentityWork, holds: (id: ObjectId) => boolean): void {
  for (const { objectId, range } of seams) {
    if (!holds(objectId)) continue;
    const first = session.masks.coverage(objectId, range).find(({ state }) => state === 'present')?.first;
    if (first === undefined) continue;
    const said = session.prompts.ofObject(objectId).some(({ prompt }) => prompt.frameIndex === first);
    const mask = said ? null : (session.masks.get(first, objectId)?.mask ?? null);
    if (mask !== null) session.prompts.add({ kind: 'mask', objectId, frameIndex: first, mask });
  }
}

/** They stay up to date, with the prompts they have now. What a run remembers of them mixes who was who, so no later one goes on from it. */
function sign(session: SessionWriter, signatures: Signatures): void {
  const prompts = promptsByOwner(session);
  for (const [objectId, { before, base }] of signatures) {
    const owner = objectOwner(objectId);
    const record: OwnerRecord = { ...base, said: saidOf(prompts.get(owner) ?? []), runId: null };
    session.journal.apply('Who is who', {
      kind: 'entry',
      setting: trackingRecordsKey,
      entry: owner,
      from: before as unknown as SettingValue,
      to: record as unknown as SettingValue,
    });
  }
}
