import type { Manifest } from './manifest.ts';
import type { Role } from './roles.ts';

/** What a pack can do; a null reason means it can. */
export interface PackCapabilities {
  /** Why it cannot carry a mask from frame to frame, or null. */
  readonly whyNoTracking: string | null;
  /** Why it cannot take a mask as a prompt, or null. */
  readonly whyNoMaskPrompts: string | null;
  /** Why it cannot find things by phrase, or null. */
  readonly whyNoConcepts: string | null;
}

export function packCapabilities(manifest: Manifest): PackCapabilities {
  return {
    whyNoTracking: trackingGap(manifest),
    whyNoMaskPrompts: lacks(manifest, ['mask_prompt']),
    whyNoConcepts: conceptGap(manifest),
  };
}

function trackingGap(manifest: Manifest): string | null {
  const gap = lacks(manifest, ['memory_encoder', 'memory_attention']);
  if (gap !== null) return gap;
  if (manifest.tracker === null) return 'pack.json has no tracker constants';
  return manifest.image.resize === 'stretch' ? null : 'it pads frames instead of stretching them';
}

function conceptGap(manifest: Manifest): string | null {
  if (manifest.detector === null) return 'pack.json has no detector constants';
  if (manifest.text === null) return 'pack.json has no text vocabulary';
  return lacks(manifest, ['detector', 'text_encoder']);
}

function lacks(manifest: Manifest, roles: readonly Role[]): string | null {
  const missing = roles.filter((role) => manifest.graphs[role] === undefined);
  return missing.length === 0 ? null : `it has no ${missing.join(' and no ')} graph`;
}
