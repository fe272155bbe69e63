import type { FrameIndex } from '../../../../src-shared/domain/ids.ts';
import type { Direction, FrameRange, Prompt } from '../../../../src-shared/domain/prompt.ts';
import type { TrackingPolicyName } from '../../../../src-shared/domain/track.ts';

export interface RunShape {
  readonly range: FrameRange;
  readonly direction: Direction;
  readonly prompts: readonly Prompt[];
  readonly policy: TrackingPolicyName;
  /** Where tracking starts; null: at the prompts. */
  readonly start: FrameIndex | null;
}

/**
 * Frames that a run visits, in order: `forward` from `start` to the end of the range, `backward` from `turn` to its beginning.
 * A frame between the first prompts of two objects is visited both ways. Mirrors the passes of core/tracking; used for progress only.
 */
export function runLength({ range, direction, prompts, policy, start: given }: RunShape): {
  readonly forward: number;
  readonly backward: number;
  readonly start: number;
  readonly turn: number;
} {
  const clamped = ({ frameIndex }: Prompt) => Math.min(range.last, Math.max(range.first, frameIndex));
  const all = prompts.map(clamped);
  // An object that is prompted only behind the range is tracked on the way back alone, through all of it.
  const firsts = [...Map.groupBy(prompts, ownerKey).values()].map((own) =>
    Math.min(range.last + 1, Math.max(range.first, Math.min(...own.map(({ frameIndex }) => frameIndex)))),
  );
  const own = policy === 'studio';
  if (direction === 'backward') {
    const turn = given ?? (own ? Math.max(...all) : Math.min(...all));
    return { forward: 0, backward: turn - range.first + 1, start: turn, turn };
  }
  const start = given ?? Math.min(...all);
  const forward = range.last - start + 1;
  if (direction === 'forward') return { forward, backward: 0, start, turn: start - 1 };
  const turn = (own ? Math.max(...firsts) : start) - 1;
  return { forward, backward: Math.max(0, turn - range.first + 1), start, turn };
}

function ownerKey(prompt: Prompt): string {
  return 'objectId' in prompt ? `object:${prompt.objectId}` : `concept:${prompt.conceptId}`;
}
