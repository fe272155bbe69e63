import type { ReactElement } from 'react';

/** Our mark: a thing, and its mask a moment later. */
export function Logo({ size = 28 }: { readonly size?: number }): ReactElement {
  return (
    <svg width={size} height={size} viewBox="0 0 28 28" aria-hidden="true" focusable="false" className="logo">
      <rect x="1" y="1" width="26" height="26" rx="7" className="logo-ground" />
      <circle cx="11" cy="14" r="5.500" className="logo-ring" />
      <path d="M16.200 9.200a6.500 6.500 0 0 1 0 9.600" className="logo-wave" />
      <path d="M19.600 6.800a10 10 0 0 1 0 14.400" className="logo-wave faint" />
    </svg>
  );
}
