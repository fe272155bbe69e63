import { findPack } from '../models/index.ts';
import type { StudioParts } from './studio-parts.ts';
import type { OpenedPack } from './threads/inference-contract.ts';

/** The pack that ships with the studio. */
export const BUILTIN_PACK = 'pebble';

export interface PackChoice {
  /** null: the built-in pack. */
  readonly packId: string | null;
  readonly device: string;
}

/** Finds a pack and has it opened in the inference thread; one that is open there already costs nothing. */
export async function openPack(parts: StudioParts, choice: PackChoice, signal: AbortSignal): Promise<OpenedPack> {
  const pack = await findPack(choice.packId ?? BUILTIN_PACK, parts.packFolders);
  const inference = await parts.inference();
  return inference.open({ packFolder: pack.folder, device: choice.device }, { signal });
}
