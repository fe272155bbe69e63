/** A row of MOTChallenge text: `frame,id,left,top,width,height,flag,class,visibility`; frames and the top-left corner count from 1. */
export interface MotRow {
  readonly frame: number;
  /** Negative: no identity. */
  readonly id: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Counts from 1; null: none was given. */
  readonly classId: number | null;
  /** A row of ground truth that is marked as not to be scored. */
  readonly ignored: boolean;
}

/** null when the line is no such row. */
export function parseMotRow(line: string): MotRow | null {
  const numbers = line.split(',').map((field) => (field.trim() === '' ? Number.NaN : Number(field)));
  const [frame, id, left, top, width, height, flag, classId] = numbers;
  if (numbers.length < 6 || !numbers.slice(0, 6).every(Number.isFinite)) return null;
  if (!Number.isInteger(frame) || frame < 0 || !Number.isInteger(id)) return null;
  // Ground truth has nine columns and names a class; detections have a score where the flag is.
  const ignored = numbers.length === 9 && classId > 0 && flag === 0;
  return { frame, id, left, top, width, height, classId: classId > 0 ? classId : null, ignored };
}
