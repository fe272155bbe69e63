/** Up to here all that a finished run remembers is stored, in bytes; beyond, what the next frames would need. */
export const MOST_MEMORY_BYTES = 48 * 2 ** 20;
/** Frames of an object that the next frames need, about. */
const NEEDED_FRAMES = 8;

/**
 * What a session keeps of the memory of a run, in bytes, about: objects are corrected and tracked on from it. `frameBytes`: one object's memory
 * of one frame.
 */
export function runMemoryBytes(frames: number, objects: number, frameBytes: number): number {
  const all = frames * objects * frameBytes;
  return all <= MOST_MEMORY_BYTES ? all : Math.min(all, objects * NEEDED_FRAMES * frameBytes);
}
