import type { IdentityChange, IdentityLane, IdentityPlan } from '../../src-shared/contract/identity.ts';
import type { MaskSpan } from '../../src-shared/contract/results.ts';
import type { ObjectId } from '../../src-shared/domain/ids.ts';
import type { GhostLane } from '../timeline/timeline-scene.ts';

interface Frames {
  readonly first: number;
  readonly last: number;
}

/** What the lanes of the objects that are there would look like: stretches in the colour of whoever they come from or go to. */
export function identityGhosts(change: IdentityChange, plan: IdentityPlan): readonly GhostLane[] {
  const lane = (id: ObjectId | null) => plan.lanes.find(({ objectId }) => objectId === id) ?? null;
  const own = lane(change.objectId);
  if (own === null) return [];
  switch (change.kind) {
    case 'split':
    case 'reassign': {
      const target = plan.lanes.find(({ objectId }) => objectId !== change.objectId) ?? null;
      const gained = target === null ? [] : within(present(target.after), rangeOf(change));
      const colour = target?.colour ?? null;
      return [
        ...ghosts(own.objectId, within(present(own.before), rangeOf(change)), colour),
        ...(target?.fate === 'kept' ? ghosts(target.objectId, gained, own.colour) : []),
      ];
    }
    case 'swap': {
      const other = lane(change.otherId);
      if (other === null) return [];
      const range = rangeOf(change);
      return [
        ...ghosts(own.objectId, within(present(own.after), range), other.colour),
        ...ghosts(other.objectId, within(present(other.after), range), own.colour),
      ];
    }
    case 'join': {
      const other = lane(change.otherId);
      const colour = other?.colour ?? own.colour;
      return [
        ...ghosts(own.objectId, without(present(own.after), present(own.before)), colour),
        ...(other === null ? [] : ghosts(other.objectId, present(other.before), null)),
      ];
    }
    case 'absent':
      return ghosts(own.objectId, [rangeOf(change)], null);
  }
}

function rangeOf(change: IdentityChange): Frames {
  if (change.kind === 'split') return { first: change.frameIndex, last: Number.MAX_SAFE_INTEGER };
  if (change.kind === 'join') return { first: 0, last: Number.MAX_SAFE_INTEGER };
  return { first: change.first, last: change.last ?? Number.MAX_SAFE_INTEGER };
}

function ghosts(objectId: ObjectId, frames: readonly Frames[], colour: string | null): GhostLane[] {
  return frames.map(({ first, last }) => ({ objectId, first, last, colour }));
}

function present(spans: IdentityLane['after']): readonly MaskSpan[] {
  return spans.filter(({ state }) => state === 'present');
}

function within(spans: readonly Frames[], { first, last }: Frames): Frames[] {
  return spans.flatMap((span) => {
    const part = { first: Math.max(first, span.first), last: Math.min(last, span.last) };
    return part.first <= part.last ? [part] : [];
  });
}

function without(spans: readonly Frames[], others: readonly Frames[]): Frames[] {
  return others.reduce<Frames[]>(
    (left, other) =>
      left.flatMap((span) => [
        ...(span.first < other.first ? [{ first: span.first, last: Math.min(span.last, other.first - 1) }] : []),
        ...(span.last > other.last ? [{ first: Math.max(span.first, other.last + 1), last: span.last }] : []),
      ]),
    [...spans],
  );
}
