import type { ConceptId, ObjectId } from '../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import type { BoxMotionState } from './box-motion.ts';
import type { ConceptSnapshot } from './concept-track.ts';
import type { MemoryEntry } from './memory-bank.ts';
import { ObjectTrack } from './object-track.ts';
import { isEligible, recall } from './recall.ts';
import { pinned } from './remember.ts';
import { rulesFor, type TrackerState } from './tracker-state.ts';

/** `MKTS` read as little-endian. */
const magic = 0x53544b4d;
const version = 1;
const headerBytes = 12;

/** An entry with its arrays replaced by their place in the float block: [first, length]. */
type Span = readonly [first: number, length: number];
interface StoredEntry extends Omit<MemoryEntry, 'logits' | 'pointer' | 'ious' | 'tokens'> {
  readonly logits: Span;
  readonly pointer: Span;
  readonly ious: Span;
  readonly tokens: Span | null;
}

interface StoredTrack {
  readonly objectId: ObjectId;
  readonly conceptId: ConceptId | null;
  readonly origin: ObjectTrack['origin'];
  readonly visited: readonly (readonly [number, number])[];
  readonly anchors: readonly number[];
  /** Absent in older snapshots. */
  readonly cleared?: readonly number[];
  readonly reached: ObjectTrack['reached'];
  /** Absent in older snapshots. */
  readonly lastTrusted?: ObjectTrack['lastTrusted'];
  /** Absent in older snapshots. */
  readonly lastSure?: ObjectTrack['lastSure'];
  readonly motion: BoxMotionState;
  readonly conditioning: readonly StoredEntry[];
  readonly tracked: readonly StoredEntry[];
}

interface StoredState {
  readonly packId: string;
  readonly lowres: number;
  readonly memorySize: number;
  readonly frameCount: number;
  readonly highestId: number;
  readonly tracks: readonly StoredTrack[];
  readonly concepts: readonly ConceptSnapshot[];
}

/** `all`: everything. `run`: what the running propagation can still recall, a fraction of it; see `encodeSnapshot`. */
export type SnapshotScope = 'all' | 'run';

/**
 * The exact memory of every object and the state of every concept, as one block: header, JSON, then all floats as they are. Answers
 * that no propagation has taken into memory yet are not in it. Size of `all`: about 4 * (T * memDim + L * L) bytes per remembered frame.
 * `run` has the conditioning frames, the tokens of the `numMaskmem - 1` frames that can still be asked for (twice that before the way
 * back: its first frames recall where the pass began) and pointers: enough to go on exactly, while a correction of an older frame finds less memory there.
 */
export function encodeSnapshot(state: TrackerState, scope: SnapshotScope): Uint8Array<ArrayBuffer> {
  const floats: Float32Array[] = [];
  let count = 0;
  const keep = (values: Float32Array): Span => {
    floats.push(values);
    count += values.length;
    return [count - values.length, values.length];
  };
  const entry = (each: MemoryEntry): StoredEntry => ({
    ...each,
    logits: keep(each.logits),
    pointer: keep(each.pointer),
    ious: keep(each.ious),
    tokens: each.tokens === null ? null : keep(each.tokens),
  });
  const tracked = (track: ObjectTrack): readonly MemoryEntry[] =>
    scope === 'all' ? [...track.bank.tracked.values()] : trackedForRun(state, track);
  const stored: StoredState = {
    ...identity(state),
    highestId: state.ids.highest,
    tracks: [...state.objects.values()].map((track) => ({
      objectId: track.objectId,
      conceptId: track.conceptId,
      origin: track.origin,
      visited: track.visitedRuns(),
      anchors: [...track.anchors],
      cleared: [...track.cleared],
      reached: track.reached,
      lastTrusted: track.lastTrusted,
      lastSure: track.lastSure,
      motion: track.motion.snapshot(),
      conditioning: [...track.bank.conditioning.values()].map(entry),
      tracked: tracked(track).map(entry),
    })),
    concepts: [...state.concepts.values()].map((concept) => concept.snapshot()),
  };
  return pack(JSON.stringify(stored), floats, count);
}

/** What a snapshot held, ready to be put into a state. */
export interface DecodedSnapshot {
  readonly tracks: readonly ObjectTrack[];
  readonly concepts: readonly ConceptSnapshot[];
  readonly highestId: number;
}

/** Bytes that a snapshot of everything would take, without its facts. */
export function snapshotBytes(state: TrackerState): number {
  let floats = 0;
  for (const { bank } of state.objects.values()) {
    for (const { logits, pointer, ious, tokens } of [...bank.conditioning.values(), ...bank.tracked.values()]) {
      floats += logits.length + pointer.length + ious.length + (tokens?.length ?? 0);
    }
  }
  return 4 * floats;
}

/**
 * Reads a snapshot for `state`, which stays as it is. Throws `session-newer` for a later format, `session-corrupt` for bytes that are no
 * snapshot, `session-mismatch` for another pack or video.
 */
export function decodeSnapshot(state: TrackerState, bytes: Uint8Array): DecodedSnapshot {
  const { stored, floats } = unpack(bytes);
  const here = identity(state);
  if (stored.packId !== here.packId || stored.memorySize !== here.memorySize || stored.lowres !== here.lowres) {
    throw mismatch(`it was made with the model pack "${stored.packId}", not "${here.packId}"`);
  }
  if (stored.frameCount !== here.frameCount) {
    throw mismatch(`its video has ${stored.frameCount} frames, this one ${here.frameCount}`);
  }
  const read = ([first, length]: Span): Float32Array<ArrayBuffer> => {
    if (first < 0 || first + length > floats.length) throw corrupt();
    return floats.slice(first, first + length);
  };
  const entry = (each: StoredEntry): MemoryEntry => ({
    ...each,
    logits: read(each.logits),
    pointer: read(each.pointer),
    ious: read(each.ious),
    tokens: each.tokens === null ? null : read(each.tokens),
  });
  const tracks = stored.tracks.map((each) => {
    const track = new ObjectTrack(each.objectId, each.conceptId, state.video.frameCount);
    track.origin = each.origin;
    track.restoreVisited(each.visited);
    for (const frame of each.anchors) track.anchors.add(frame);
    for (const frame of each.cleared ?? []) track.cleared.add(frame);
    track.reached = each.reached;
    track.lastTrusted = each.lastTrusted ?? null;
    track.lastSure = each.lastSure ?? null;
    track.motion.restore(each.motion);
    for (const known of each.conditioning) track.bank.condition(entry(known));
    for (const known of each.tracked) track.bank.follow(entry(known));
    return track;
  });
  return { tracks, concepts: stored.concepts, highestId: stored.highestId };
}

/** Tracked entries that frames to come may recall, without the arrays that they cannot ask for. */
function trackedForRun(state: TrackerState, track: ObjectTrack): readonly MemoryEntry[] {
  const { reached, bank, anchors } = track;
  if (reached === null) return [...bank.tracked.values()];
  const rules = rulesFor(state, track);
  const next = recall(bank, reached.frameIndex + reached.heading, reached.heading, rules);
  const accepted = [...anchors].filter((frame) => {
    const entry = bank.tracked.get(frame);
    return entry !== undefined && isEligible(entry, rules.rule);
  });
  // The way back begins beside the first anchors, whatever they are worth.
  const depth = state.constants.numMaskmem - 1;
  const sure = pinned(track);
  const withTokens = new Set([
    ...next.remembered,
    ...[...anchors].slice(0, depth),
    ...accepted.slice(0, depth),
    ...sure,
  ]);
  const none = new Float32Array(0);
  return [...bank.tracked.values()]
    .filter(({ frameIndex }) => next.frames.has(frameIndex) || anchors.has(frameIndex) || sure.includes(frameIndex))
    .map((entry) => {
      const tokens = entry.tokens === null || withTokens.has(entry.frameIndex) ? entry.tokens : none;
      return { ...entry, logits: none, tokens };
    });
}

function identity({ model, video }: TrackerState) {
  const { packId, lowres, memTokens, memDim } = model.spec;
  return { packId, lowres, memorySize: memTokens * memDim, frameCount: video.frameCount };
}

function pack(json: string, floats: readonly Float32Array[], count: number): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(json);
  const start = Math.ceil((headerBytes + text.length) / 4) * 4;
  const bytes = new Uint8Array(start + count * 4);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, magic, true);
  header.setUint32(4, version, true);
  header.setUint32(8, text.length, true);
  bytes.set(text, headerBytes);
  const block = new Float32Array(bytes.buffer, start);
  let at = 0;
  for (const values of floats) {
    block.set(values, at);
    at += values.length;
  }
  return bytes;
}

function unpack(bytes: Uint8Array): { readonly stored: StoredState; readonly floats: Float32Array<ArrayBuffer> } {
  // A copy: a blob from the store need not be aligned.
  const own = Uint8Array.from(bytes);
  const header = new DataView(own.buffer);
  if (own.length < headerBytes || header.getUint32(0, true) !== magic) throw corrupt();
  if (header.getUint32(4, true) > version) {
    const message =
      'This tracking state was written by a newer Masklet Studio; nothing was changed. Update, or track again.';
    throw new StudioError('session-newer', 'user', message);
  }
  const end = headerBytes + header.getUint32(8, true);
  const start = Math.ceil(end / 4) * 4;
  if (start > own.length || (own.length - start) % 4 !== 0) throw corrupt();
  try {
    const stored = JSON.parse(new TextDecoder().decode(own.subarray(headerBytes, end)));
    return { stored, floats: new Float32Array(own.buffer, start) };
  } catch (cause) {
    throw corrupt(cause);
  }
}

function corrupt(cause?: unknown): StudioError {
  const message = 'The saved tracking state is damaged; masks are kept, and tracking goes on from them.';
  return new StudioError('session-corrupt', 'resource', message, { cause });
}

function mismatch(why: string): StudioError {
  return new StudioError(
    'session-mismatch',
    'user',
    `The saved tracking state does not fit: ${why}; nothing was changed.`,
  );
}
