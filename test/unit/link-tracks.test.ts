import { describe, expect, it } from 'vitest';
import { linkTracks, type ReadItem } from '../../src-main/core/export/index.ts';

describe('linkTracks', () => {
  const box = (frame: number, x: number, label = 'a'): ReadItem => ({
    frame,
    track: null,
    label,
    shape: { kind: 'box', box: { x, y: 0, width: 10, height: 10 } },
  });
  async function link(given: readonly ReadItem[]) {
    async function* items() {
      yield* given;
    }
    const linked = linkTracks(items());
    const tracks: string[] = [];
    for await (const { track } of linked.items) tracks.push(track);
    return { tracks, notes: linked.notes() };
  }

  it('follows boxes by overlap within a class, one a frame, and starts anew when they are gone', async () => {
    const named = { ...box(9, 7), track: 'known' };
    const { tracks, notes } = await link([
      ...[box(0, 0), box(0, 2, 'b'), box(1, 3), box(1, 4), box(2, 6), box(9, 50), named],
    ]);
    expect(tracks).toEqual(['linked-1', 'linked-2', 'linked-1', 'linked-3', 'linked-3', 'linked-4', 'known']);
    expect(notes[0]).toMatch(/4 in all/);
  });

  it('does not ask in which order a frame lists its boxes', async () => {
    const [left, right] = [box(1, 2), box(1, 6)];
    const before = [box(0, 0), box(0, 5)];
    expect((await link([...before, left, right])).tracks).toEqual(['linked-1', 'linked-2', 'linked-1', 'linked-2']);
    expect((await link([...before, right, left])).tracks).toEqual(['linked-1', 'linked-2', 'linked-2', 'linked-1']);
    // The first line alone would take the second track, which the second line fits better.
    const between = [box(1, 3), box(1, 5)];
    expect((await link([...before, ...between])).tracks.slice(2)).toEqual(['linked-1', 'linked-2']);
  });

  it('forgets what was not seen for thirty frames', async () => {
    expect((await link([box(0, 0), box(30, 0), box(61, 0)])).tracks).toEqual(['linked-1', 'linked-1', 'linked-2']);
  });
});
