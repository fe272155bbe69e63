declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** 0-based position in presentation order, from the frame table; the only name a frame has. */
export type FrameIndex = Branded<number, 'FrameIndex'>;
/** Stable, user-visible number of an object, 1-based, never reused inside a session. */
export type ObjectId = Branded<number, 'ObjectId'>;
/** Stable number of a concept (a text phrase) inside a session, 1-based. */
export type ConceptId = Branded<number, 'ConceptId'>;
/** Number of a tracking run inside a session, 1-based. */
export type RunId = Branded<number, 'RunId'>;
/** Number of a stored prompt inside a session, 1-based. */
export type PromptId = Branded<number, 'PromptId'>;

export const frameIndex = (value: number): FrameIndex => value as FrameIndex;
export const objectId = (value: number): ObjectId => value as ObjectId;
export const conceptId = (value: number): ConceptId => value as ConceptId;
export const runId = (value: number): RunId => value as RunId;
export const promptId = (value: number): PromptId => value as PromptId;
