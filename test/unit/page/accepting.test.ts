import { expect, it } from 'vitest';
import { Concepts } from '../../../src-renderer/state/concepts.ts';
import { rleFromBitmap } from '../../../src-shared/mask/rle.ts';
import { sessionsDesk, stateOf } from './sessions-desk.ts';

const half = (from: number) => rleFromBitmap(new Uint8Array(100).fill(1, from, from + 50), 10, 10);

it.each([
  ['where an object is already', half(0), ['warning notice.twin']],
  ['beside the objects there are', half(50), []],
  ['where an object is absent', null, []],
])('an instance that is accepted %s', async (_, mask, said) => {
  const object = { objectId: 1, name: 'dog', stale: [] };
  const { desk, store, sessions, told } = sessionsDesk({
    openSession: async function* () {
      const state = { ...stateOf('a'), objects: [object], nextObjectId: 2 };
      yield { kind: 'opened', sessionId: 'a', state, isNew: false, role: 'editor', mediaChanged: false };
    },
    objectLane: async () => ({ first: 0, states: new Uint8Array(), confidences: new Uint8Array() }),
    frameMasks: async () => ({ frameIndex: 0, masks: [{ objectId: 1, mask }] }),
    acceptInstances: async () => ({ ...stateOf('a'), objects: [object, { ...object, objectId: 2 }] }),
    segment: async () => ({ frameIndex: 0, masks: [], wallMillis: 1 }),
  });
  await sessions.open({ videoPath: null, sessionPath: 'a' });
  const instances = [{ mask: half(0), score: 0.9, presence: 1 }];
  const view = { conceptId: 1, phrase: 'dog', threshold: 0.5, frameIndex: 0, instances, settled: new Set() };
  store.patch({ concepts: [view as never] });
  await new Concepts(desk).accept(1 as never, [0]);
  expect([told(), store.value.selectedObject]).toEqual([said, 2]);
});
