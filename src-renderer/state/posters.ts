const PREFIX = 'masklet-poster:';
const WIDTH = 320;
const MOST_POSTERS = 60;

/** Small pictures of sessions, kept in this browser: what was on screen when a session was last put away. */
export const posters = {
  get: (sessionPath: string): string | null => localStorage.getItem(PREFIX + sessionPath),

  /** Never throws: a session without a picture is still a session. */
  keep: (sessionPath: string, canvas: HTMLCanvasElement, part: DOMRectReadOnly): void => {
    try {
      const height = Math.max(1, Math.round((WIDTH * part.height) / part.width));
      const small = document.createElement('canvas');
      small.width = WIDTH;
      small.height = height;
      small.getContext('2d')?.drawImage(canvas, part.x, part.y, part.width, part.height, 0, 0, WIDTH, height);
      makeRoom();
      localStorage.setItem(PREFIX + sessionPath, small.toDataURL('image/jpeg', 0.8));
    } catch {
      // The storage is full or forbidden.
    }
  },
};

function makeRoom(): void {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  for (const key of keys.slice(MOST_POSTERS)) localStorage.removeItem(key);
}
