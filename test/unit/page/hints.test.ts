import { describe, expect, it } from 'vitest';
import { hintsOf } from '../../../src-renderer/features/viewer/hints.ts';
import { initialSettings, initialState, type StudioState } from '../../../src-renderer/state/studio-state.ts';
import type { ObjectState, SessionState } from '../../../src-shared/contract/results.ts';
import { type ObjectId, objectId } from '../../../src-shared/domain/ids.ts';

const selected = objectId(1);

/** A desk with one object on it. */
function deskWith(change: Partial<StudioState> = {}, object: Partial<ObjectState> = {}): StudioState {
  const state = { objects: [{ objectId: selected, locked: false, ...object }], concepts: [] };
  const session = { sessionId: 's', state: state as unknown as SessionState, times: {} as never };
  return { ...initialState(initialSettings), session, ...change };
}

describe('the hint line', () => {
  const chosen = { selectedObject: selected as ObjectId };

  it('tells a click that makes an object from one that corrects it', () => {
    expect(hintsOf(deskWith())).toEqual(['hint.new']);
    expect(hintsOf(deskWith(chosen))).toEqual(['hint.add']);
    expect(hintsOf(deskWith({ ...chosen, excludeNext: true }))).toEqual(['hint.exclude']);
    // One that is gone is not corrected.
    expect(hintsOf(deskWith({ selectedObject: objectId(7) }))).toEqual(['hint.new']);
  });

  it('says what a click does while masks are hidden, too', () => {
    expect(hintsOf(deskWith({ ...chosen, overlay: 'off' }))).toEqual(['hint.add', 'hint.overlayOff']);
  });

  it('promises nothing on a locked object, over a marker, or to who only looks on', () => {
    expect(hintsOf(deskWith(chosen, { locked: true }))).toEqual(['hint.locked']);
    expect(hintsOf(deskWith({ ...chosen, overMarker: true }))).toEqual(['hint.prompt']);
    expect(hintsOf(deskWith({ ...chosen, tool: 'brush', overMarker: true }))).toEqual(['hint.brush']);
    const presence = { role: 'viewer', free: false, revision: 0, mediaChanged: false } as const;
    expect(hintsOf(deskWith({ ...chosen, presence }))).toEqual(['hint.viewer']);
  });

  it('keeps to the tool in hand, with the crosshair out or not', () => {
    expect(hintsOf(deskWith({ tool: 'hand' }))).toEqual(['hint.hand']);
    expect(hintsOf(deskWith({ tool: 'box', pointer: { x: 1, y: 1 } }))).toEqual(['hint.pointerBox']);
    expect(hintsOf(deskWith({ tool: 'hand', pointer: { x: 1, y: 1 } }))).toEqual(['hint.pointer']);
  });
});
