import type { Desk } from './desk.ts';

/** Reads what the engine finds out about a clip in the background, when it comes onto the desk: its waveform, then its cuts. */
export async function readClipFacts(desk: Desk): Promise<void> {
  const { session } = desk.store.value;
  const media = desk.media();
  if (session === null || media === null) return;
  const { sessionId } = session;
  const { signal } = media;
  try {
    for await (const part of desk.client().soundPeaks({ sessionId }, { signal })) media.addPeaks(part);
    const { frames } = await desk.client().cuts({ sessionId }, { signal });
    if (desk.store.value.session?.sessionId === sessionId) desk.store.patch({ cuts: frames });
  } catch {
    // Neither is needed for anything else, and both are asked for again next time.
  }
}
