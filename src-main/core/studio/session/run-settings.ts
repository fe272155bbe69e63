import type { ConceptId, FrameIndex } from '../../../../src-shared/domain/ids.ts';
import type { MemoryPolicyName, TrackingPolicyName } from '../../../../src-shared/domain/track.ts';
import type { RunRecord } from '../../store/index.ts';
import type { Said } from './owner-records.ts';

/** What a run notes of itself in the session. */
export interface RunSettings {
  readonly policy: TrackingPolicyName;
  readonly memoryPolicy: MemoryPolicyName | null;
  /** Kept so that a resumed run gives found objects the same numbers again. */
  readonly nextObjectId: number;
  readonly facts: string;
  readonly mends: boolean;
  readonly start: FrameIndex | null;
  /** Where each concept is looked for, by `concept:ID`: forward from one frame on, and back from the other. */
  readonly searches: Readonly<Record<string, { readonly forward: number; readonly backward: number }>>;
  /** Concepts whose search goes on the other way. */
  readonly goesOn: readonly ConceptId[];
  readonly said: Readonly<Record<string, Said>>;
}

/** A run of an older version may lack some of them. */
export function settingsOf({ settings }: RunRecord): Partial<RunSettings> {
  return typeof settings === 'object' && settings !== null ? (settings as Partial<RunSettings>) : {};
}
