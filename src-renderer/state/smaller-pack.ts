import type { PackListing } from '../../src-shared/contract/report-results.ts';

/** The installed pack that tracks on the next smaller picture, and so in less memory; null: there is none, or the pack is not known. */
export function smallerPack(packs: readonly PackListing[], packId: string | null): PackListing | null {
  const size = packs.find(({ id }) => id === packId)?.imageSize ?? 0;
  const smaller = packs.filter(
    ({ tracks, problem, imageSize }) => tracks && problem === null && imageSize > 0 && imageSize < size,
  );
  return smaller.toSorted((a, b) => b.imageSize - a.imageSize)[0] ?? null;
}
