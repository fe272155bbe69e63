import { type Orientation, UPRIGHT } from './still-format.ts';

/**
 * What a display matrix, as ffprobe prints it (three rows of three), does to the picture: [x y] becomes [ax+cy bx+dy], y downwards (ISO/IEC
 * 14496-12, 6.2.2). One that is no quarter turn, mirrored or not, is left alone.
 */
export function orientationFromMatrix(printed: string): Orientation {
  const rows = [...printed.matchAll(/^\s*\d+:\s*(-?\d+)\s+(-?\d+)\s+(-?\d+)/gm)].map(([, ...row]) => row.map(Number));
  const [[a = 0, b = 0] = [], [c = 0, d = 0] = []] = rows;
  const mirrored = a * d - b * c < 0;
  // Mirroring comes first: what is left to do to the mirrored picture is a turn.
  const radians = mirrored ? Math.atan2(-b, -a) : Math.atan2(b, a);
  const rotation = quarterTurn((radians * 180) / Math.PI);
  return rotation === null ? UPRIGHT : { mirrored, rotation };
}

/** Degrees as one of our turns; null for any other angle. */
export function quarterTurn(degrees: number): Orientation['rotation'] | null {
  const turn = ((Math.round(degrees) % 360) + 360) % 360;
  return turn === 0 || turn === 90 || turn === 180 || turn === 270 ? turn : null;
}
