import { relit } from './light.ts';
import type { Heading, Observation } from './memory-bank.ts';
import { followObjects } from './object-step.ts';
import type { ObjectTrack } from './object-track.ts';
import type { ModelFrame } from './ports.ts';
import { recallSure } from './recall.ts';
import { rulesFor, type TrackerState } from './tracker-state.ts';

/**
 * The absent object that this frame is for, if the pack asks for second looks: on every so many frames one of them, in turn. Only objects
 * that nothing but memory vouches for.
 */
export function soughtOn(
  state: TrackerState,
  t: number,
  heading: Heading,
  following: readonly ObjectTrack[],
): ObjectTrack | null {
  const rule = state.settings.guards?.returns;
  if (rule === undefined || t % rule.every !== 0) return null;
  const absent = following.filter(
    (track) => isAbsent(track, t - heading) && (t - track.lastTrusted!.frameIndex) * heading > rule.after,
  );
  return absent.length === 0 ? null : absent[(t / rule.every) % absent.length];
}

/**
 * Looks for an object in the light in which it was last surely seen, with what is sure of it: its conditioning frames and that frame. What came
 * since isn't asked, because a picture in which it was missed remembers it as ground.
 */
export async function lookFor(
  state: TrackerState,
  frame: ModelFrame,
  heading: Heading,
  track: ObjectTrack,
): Promise<Observation> {
  const { frameIndex, pixels, shown } = frame;
  const sure = track.lastSure!;
  const features = await state.model.encodeImage(relit(pixels, sure.light), shown);
  const memory = recallSure(track.bank, sure.frameIndex, frameIndex, heading, rulesFor(state, track));
  const [seen] = await followObjects(state.model, features, frameIndex, [{ memory, rescore: null }]);
  return seen;
}

function isAbsent({ bank, conceptId, lastSure, lastTrusted }: ObjectTrack, before: number): boolean {
  return conceptId === null && lastSure !== null && lastTrusted !== null && bank.tracked.get(before)?.area === 0;
}
