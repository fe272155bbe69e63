const PREFIX = 'masklet-poster:';
const WIDTH = 480;
const MOST_POSTERS = 40;

interface Poster {
  readonly url: string;
  readonly madeAtMillis: number;
}

/** Small pictures of sessions, kept in this browser. */
export const posters = {
  get: (sessionPath: string): string | null => stored(sessionPath)?.url ?? null,

  /** 0: there is none. */
  madeAtMillis: (sessionPath: string): number => stored(sessionPath)?.madeAtMillis ?? 0,

  /** Never throws: a session without a picture is still a session. */
  keep: (sessionPath: string, canvas: HTMLCanvasElement, part: DOMRectReadOnly): void => {
    try {
      const height = Math.max(1, Math.round((WIDTH * part.height) / part.width));
      const small = document.createElement('canvas');
      small.width = WIDTH;
      small.height = height;
      small.getContext('2d')?.drawImage(canvas, part.x, part.y, part.width, part.height, 0, 0, WIDTH, height);
      makeRoom(sessionPath);
      // What the session wrote a moment ago, when it was put away, is in the picture.
      const poster: Poster = { url: small.toDataURL('image/jpeg', 0.8), madeAtMillis: Date.now() + 5000 };
      localStorage.setItem(PREFIX + sessionPath, JSON.stringify(poster));
    } catch {
      // The storage is full or forbidden.
    }
  },
};

function stored(sessionPath: string): Poster | null {
  try {
    const poster = JSON.parse(localStorage.getItem(PREFIX + sessionPath) ?? 'null') as Poster | null;
    return typeof poster?.url === 'string' ? poster : null;
  } catch {
    return null;
  }
}

/** The oldest leave first. */
function makeRoom(comingPath: string): void {
  const names = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX) && key !== PREFIX + comingPath);
  const age = (key: string) => stored(key.slice(PREFIX.length))?.madeAtMillis ?? 0;
  names.sort((a, b) => age(b) - age(a));
  for (const key of names.slice(MOST_POSTERS - 1)) localStorage.removeItem(key);
}
