import { StudioError } from '../../../../src-shared/errors/studio-error.ts';

/** Execution providers a user can ask for; `auto` tries the fast ones and ends at the CPU. */
export const deviceKinds = ['cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** A parsed device option. `index` picks one of several devices of a kind. */
export type DeviceRequest = { readonly kind: 'auto' } | { readonly kind: DeviceKind; readonly index: number };

/** Parses `cpu`, `auto`, `cuda`, `cuda:1`...; throws `usage` for anything else. */
export function parseDevice(text: string): DeviceRequest {
  if (text === 'auto') return { kind: 'auto' };
  const match = /^([a-z]+)(?::(\d{1,2}))?$/.exec(text);
  const kind = deviceKinds.find((known) => known === match?.[1]);
  if (match === null || kind === undefined || (kind === 'cpu' && match[2] !== undefined)) {
    throw new StudioError(
      'usage',
      'user',
      `There is no device "${text}"; give auto, ${deviceKinds.join(', ')}, or a number after a colon as in cuda:1.`,
      { details: { device: text } },
    );
  }
  return { kind, index: Number(match[2] ?? 0) };
}
