import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { VerbContext } from '../verb-context.ts';

/** Removes a session that is closed, if there is one, by way of the trash: that refuses one that is open somewhere. */
export async function removeSession({ engine }: VerbContext, sessionPath: string): Promise<void> {
  if (!existsSync(sessionPath)) return;
  const { trashedPath } = await engine.trashSession({ sessionPath });
  await engine.purgeSession({ trashedPath });
  const trash = dirname(trashedPath);
  if (readdirSync(trash).length === 0) rmdirSync(trash);
}
