import { similarity } from './vectors.ts';

/** One object over frames on which it is there without a longer gap. */
export interface Stretch {
  readonly objectId: number;
  readonly name: string;
  /** Inclusive. */
  readonly first: number;
  readonly last: number;
  /** How it looks; any length, the same for all. */
  readonly vector: Float32Array;
}

/**
 * `join`: two objects that may be one thing, seen before and after a gap. `doubt`: one object that looks like another thing after a gap.
 */
export interface SameProposal {
  readonly kind: 'join' | 'doubt';
  readonly before: Stretch;
  readonly after: Stretch;
  /** Frames between the two on which neither is there. */
  readonly gapFrames: number;
  readonly similarity: number;
}

/**
 * Proposals over gaps. Two objects that are ever seen together are never one thing. Each stretch is joined to at most one
 * earlier and one later stretch: the likest pairs are taken first. `join` proposals come first, the likest first; then doubts, the
 * least like first.
 */
export function proposeSame(stretches: readonly Stretch[], minSimilarity: number): SameProposal[] {
  const together = objectsSeenTogether(stretches);
  const joins: SameProposal[] = [];
  const doubts: SameProposal[] = [];
  for (const before of stretches) {
    for (const after of stretches) {
      if (after.first <= before.last) continue;
      const proposal = {
        before,
        after,
        gapFrames: after.first - before.last - 1,
        similarity: similarity(before.vector, after.vector),
      };
      if (before.objectId === after.objectId) {
        if (proposal.similarity < minSimilarity && isNext(before, after, stretches))
          doubts.push({ kind: 'doubt', ...proposal });
      } else if (proposal.similarity >= minSimilarity && !together.has(pairKey(before.objectId, after.objectId))) {
        joins.push({ kind: 'join', ...proposal });
      }
    }
  }
  return [...bestPairs(joins), ...doubts.sort((a, b) => a.similarity - b.similarity)];
}

/** Each stretch once as the earlier and once as the later one. */
function bestPairs(joins: readonly SameProposal[]): SameProposal[] {
  const [left, right] = [new Set<Stretch>(), new Set<Stretch>()];
  return [...joins]
    .sort((a, b) => b.similarity - a.similarity || a.gapFrames - b.gapFrames)
    .filter(({ before, after }) => {
      if (left.has(before) || right.has(after)) return false;
      left.add(before);
      right.add(after);
      return true;
    });
}

function isNext(before: Stretch, after: Stretch, stretches: readonly Stretch[]): boolean {
  return !stretches.some(
    ({ objectId, first }) => objectId === before.objectId && first > before.last && first < after.first,
  );
}

function objectsSeenTogether(stretches: readonly Stretch[]): ReadonlySet<string> {
  const together = new Set<string>();
  for (const a of stretches) {
    for (const b of stretches) {
      if (a.objectId !== b.objectId && a.first <= b.last && b.first <= a.last)
        together.add(pairKey(a.objectId, b.objectId));
    }
  }
  return together;
}

function pairKey(a: number, b: number): string {
  return a < b ? `${a}/${b}` : `${b}/${a}`;
}
