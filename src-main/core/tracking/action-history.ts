import type { FrameIndex, ObjectId } from '../../../src-shared/domain/ids.ts';

/** What a user or a run did, as far as it decides what the next run must compute. */
export type Action =
  | { readonly kind: 'concept' }
  | { readonly kind: 'add' | 'refine' | 'remove'; readonly objectId: ObjectId }
  | { readonly kind: 'full'; readonly start: FrameIndex }
  | { readonly kind: 'partial'; readonly start: FrameIndex; readonly objectIds: readonly ObjectId[] }
  | { readonly kind: 'fetch' };

/** `full`: everything; `partial`: only these objects, the others come from what is stored; `fetch`: everything is stored. */
export type NextPropagation =
  | { readonly kind: 'full' }
  | { readonly kind: 'partial'; readonly objectIds: readonly ObjectId[] }
  | { readonly kind: 'fetch' };

/** Decides what a propagation must compute. Source: SAM 3 `parse_action_history_for_propagation`; sam-pipeline 2.3. */
export class ActionHistory {
  #actions: Action[] = [];

  add(action: Action): void {
    this.#actions.push(action);
  }

  clear(): void {
    this.#actions = [];
  }

  /** `frameCount`: a run that began at either end of the video went over all of it. */
  next(frameCount: number): NextPropagation {
    const sinceConcept = this.#actions.slice(this.#actions.findLastIndex(({ kind }) => kind === 'concept') + 1);
    const lastRun = sinceConcept.findLastIndex(({ kind }) => kind === 'full' || kind === 'partial');
    if (lastRun < 0) return { kind: 'full' };
    const since = sinceConcept.slice(lastRun + 1);
    const changed = changedObjects(since);
    if (changed.length > 0) return { kind: 'partial', objectIds: changed };
    if (since.length > 0) return { kind: 'fetch' };
    return this.#secondHalf(sinceConcept, lastRun, frameCount);
  }

  /** Straight after a run: the other half of `both` repeats it, unless it is complete. */
  #secondHalf(actions: readonly Action[], lastRun: number, frameCount: number): NextPropagation {
    const run = actions[lastRun];
    if (run.kind !== 'full' && run.kind !== 'partial') return { kind: 'fetch' };
    const before = actions[lastRun - 1]?.kind;
    const complete = before === 'full' || before === 'partial' || run.start === 0 || run.start === frameCount - 1;
    if (complete) return { kind: 'fetch' };
    return run.kind === 'full' ? { kind: 'full' } : { kind: 'partial', objectIds: run.objectIds };
  }
}

/** Objects added or refined and not removed afterwards, in the order of their first change. */
function changedObjects(actions: readonly Action[]): readonly ObjectId[] {
  const changed = new Set<ObjectId>();
  for (const action of actions) {
    if (action.kind === 'add' || action.kind === 'refine') changed.add(action.objectId);
    if (action.kind === 'remove') changed.delete(action.objectId);
  }
  return [...changed];
}
