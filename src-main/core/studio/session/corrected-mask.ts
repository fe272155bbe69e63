import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import type { MaskRecord } from '../../store/index.ts';

/**
 * The stored mask that a new prompt on its frame corrects. null: none, also where the mask only answers the prompts that are asked again
 * (`known` of them were tracked to the end). undefined: an answer to prompts has taken its place, and only the inference thread knows it.
 */
export function correctedMask(row: MaskRecord | null, known: number): RleMask | null | undefined {
  if (row === null) return null;
  if (row.runId === null) return undefined;
  return row.source === 'prompt' && known === 0 ? null : row.mask;
}
