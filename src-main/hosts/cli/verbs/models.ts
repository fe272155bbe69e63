import { resolve } from 'node:path';
import { EXIT_OK } from '../exit-status.ts';
import type { VerbContext } from '../verb-context.ts';

export interface ImportFlags {
  readonly id?: string;
}

/** `models import FOLDER`: installs a pack or a public image export, and says what it cannot do. */
export async function runImport(context: VerbContext, folder: string, flags: ImportFlags): Promise<number> {
  const { engine, output, signal } = context;
  const pack = await engine.importPack({ folder: resolve(folder), packId: flags.id ?? null }, { signal });
  const { packId, arch, imageSize, whyNoTracking, whyNoConcepts } = pack;
  output.say(`Installed ${packId} (${arch}, ${imageSize} px).`);
  if (whyNoTracking !== null) {
    output.say(
      `It works on single pictures and frames only, because ${whyNoTracking}: masklet segment PICTURE --pack ${packId}.`,
    );
  } else if (whyNoConcepts !== null) output.say(`It cannot find things by name, because ${whyNoConcepts}.`);
  output.result(pack.folder, { type: 'pack', ...pack });
  return EXIT_OK;
}
