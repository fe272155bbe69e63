import { expect, test } from 'vitest';
import { builtinModelsFolder, listPacks, openPackRuntime, verifyPack } from '../../src-main/core/models/index.ts';

test('every pack that ships passes verification, opens and warms up', async () => {
  const entries = await listPacks([builtinModelsFolder()]);
  for (const entry of entries) {
    if (entry.kind === 'broken') throw entry.error;
    if (entry.kind === 'backbone') continue;
    const { notes } = await verifyPack(entry.pack);
    expect(notes).toEqual([]);
    await using runtime = await openPackRuntime(entry.pack, { threads: 1 });
    expect(runtime.spec.packId).toBe(entry.pack.id);
  }
});
