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
  /** The seventh number is 0, where ground truth marks what is not to be scored and a prediction has its score. */
  readonly zero: boolean;
  /** Certainly a row of ground truth that is marked: it names a class. */
  readonly ignored: boolean;
}

/** Classes of MOT16 and MOT17 that look like a pedestrian and are none: on a vehicle, static, distractor, reflection. */
const DISTRACTORS: ReadonlySet<number | null> = new Set([2, 7, 8, 12]);

/** A marked row that a prediction may be matched to without being wrong. */
export function isMotDistractor({ ignored, classId }: MotRow): boolean {
  return ignored && DISTRACTORS.has(classId);
}

/** null when the line is no such row. */
export function parseMotRow(line: string): MotRow | null {
  const numbers = line.split(',').map((field) => (field.trim() === '' ? Number.NaN : Number(field)));
  const [frame, id, left, top, width, height, flag, classId] = numbers;
  if (numbers.length < 6 || !numbers.slice(0, 6).every(Number.isFinite)) return null;
  if (!Number.isInteger(frame) || frame < 0 || !Number.isInteger(id)) return null;
  // Ground truth has nine columns and names a class; detections have a score where the flag is.
  const zero = flag === 0;
  const ignored = zero && numbers.length === 9 && classId > 0;
  return { frame, id, left, top, width, height, classId: classId > 0 ? classId : null, zero, ignored };
}
