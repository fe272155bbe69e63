import type { StudioState } from './studio-state.ts';

/** Somebody else edits the session, or its video is another one by now: here it is only looked at. */
export const isViewer = ({ presence }: StudioState): boolean => presence?.role === 'viewer';

/** A run changes the session on the desk, or an export reads it: nothing else changes its masks meanwhile. */
export const isBusy = ({ job, writing, session }: StudioState): boolean =>
  job !== null || (writing !== null && writing.sessionPath === session?.state.sessionPath);
