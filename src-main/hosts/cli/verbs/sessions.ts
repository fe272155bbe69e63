import type { SessionListing } from '../../../../src-shared/contract/results.ts';
import { EXIT_OK } from '../exit-status.ts';
import type { VerbContext } from '../verb-context.ts';

/** `sessions [FOLDER]`: the saved sessions of the library, newest first; unreadable files are listed with their reason. */
export async function runSessions(context: VerbContext, folder: string | null): Promise<number> {
  const listings = await context.engine.listSessions({ folder }, { signal: context.signal });
  const text =
    listings.length === 0
      ? 'No sessions here yet; "masklet track VIDEO" makes one.'
      : listings.map(describe).join('\n');
  context.output.result(text, { type: 'sessions', sessions: listings });
  return EXIT_OK;
}

function describe(listing: SessionListing): string {
  if (listing.state === 'unreadable') return `${listing.sessionPath}\n    ${listing.problem}`;
  const percent = listing.frameCount === 0 ? 0 : Math.floor((100 * listing.trackedFrameCount) / listing.frameCount);
  const facts = [
    `${listing.objectCount} object${listing.objectCount === 1 ? '' : 's'}`,
    `${percent}% of ${listing.frameCount} frames tracked`,
    `${(listing.sizeBytes / 1e6).toFixed(1)} MB`,
    `changed ${new Date(listing.changedAtMillis).toISOString().slice(0, 16).replace('T', ' ')}`,
    ...(listing.state === 'busy' ? ['open elsewhere'] : []),
  ];
  return `${listing.sessionPath}\n    ${listing.videoPath}${listing.videoMissing ? ' (missing)' : ''}\n    ${facts.join(' · ')}`;
}
