import type { SessionWriter } from '../../store/index.ts';

/** Forgets every object, concept and prompt as one undoable step; the video and stored masks stay, out of sight. */
export function resetSession(session: SessionWriter): void {
  session.journal.step('Reset session', () => {
    for (const { id } of session.objects.all()) session.objects.remove(id);
    for (const { id } of session.concepts.all()) session.concepts.remove(id);
  });
}
