import { createHash } from 'node:crypto';
import type { TrackingState } from '../../../../src-shared/contract/results.ts';
import type { PromptRecord, SessionReader, SessionWriter } from '../../store/index.ts';
import { promptKey } from './apply-prompts.ts';

/** An object or concept that prompts speak about. */
export type Owner = `object:${number}` | `concept:${number}`;

/** What an owner had been told when it was last tracked to the end: one short hash a prompt, in order. */
export type Said = readonly string[];

const TRACKED_KEY = 'tracked-prompts';

export function ownerOf({ prompt }: Pick<PromptRecord, 'prompt'>): Owner {
  return 'objectId' in prompt ? `object:${prompt.objectId}` : `concept:${prompt.conceptId}`;
}

/** Every owner's prompts, in order of creation. */
export function promptsByOwner(session: SessionReader): Map<Owner, PromptRecord[]> {
  return Map.groupBy(session.prompts.all(), ownerOf);
}

/** Rounds count: prompts given one after the other are not the same as prompts given together. */
export function saidOf(prompts: readonly PromptRecord[]): Said {
  return prompts.map(({ prompt, round }) =>
    createHash('sha256')
      .update(`${round} ${promptKey(prompt)}`)
      .digest('hex')
      .slice(0, 16),
  );
}

export function readTracked(session: SessionReader): Readonly<Record<string, Said>> {
  return (session.settings.get(TRACKED_KEY) ?? {}) as Readonly<Record<string, Said>>;
}

/** Notes what a finished run had been told. */
export function noteTracked(session: SessionWriter, said: Readonly<Record<string, Said>>): void {
  session.settings.set(TRACKED_KEY, { ...readTracked(session), ...said });
}

/** Whether what an owner has been told is what it was last tracked with. */
export function trackingState(tracked: Said | undefined, now: Said): TrackingState {
  if (tracked === undefined) return 'new';
  return tracked.length === now.length && tracked.every((hash, index) => hash === now[index]) ? 'tracked' : 'changed';
}

/** How many of the prompts, from the first, are those of `tracked`; null when one of those was changed or taken back. */
export function trackedCount(tracked: Said | undefined, now: Said): number | null {
  if (tracked === undefined) return 0;
  return tracked.every((hash, index) => hash === now[index]) ? tracked.length : null;
}
