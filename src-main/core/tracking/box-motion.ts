/** A box on the low-resolution mask grid: top-left inclusive, bottom-right exclusive. */
export interface GridBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Mean and covariance of one coordinate and its speed per frame. */
interface Axis {
  readonly position: number;
  readonly speed: number;
  readonly pp: number;
  readonly ps: number;
  readonly ss: number;
}

/** Plain data, safe for JSON. */
export interface BoxMotionState {
  /** Centre x, centre y, aspect ratio (width / height), height; null before the first box. */
  readonly axes: readonly [Axis, Axis, Axis, Axis] | null;
  /** Consecutive frames on which the mask lay where the motion model expected it. */
  readonly stableFrames: number;
}

const positionWeight = 1 / 20;
const speedWeight = 1 / 160;
const aspectNoise = 1e-2;
const aspectSpeedNoise = 1e-5;
const aspectMeasureNoise = 1e-1;
/** SAMURAI's configuration: frames before the model may speak, IoU that keeps it settled, its share of the vote. */
const settledAfterFrames = 15;
const settledIou = 0.3;
const voteShare = 0.25;

/**
 * Constant-velocity Kalman filter over an object's box (centre, aspect, height), as in SORT and SAMURAI. The four coordinates are
 * independent under that model, so each is a filter of two numbers. Call `predict` once a frame, then `observe` with the chosen mask.
 */
export class BoxMotion {
  #axes: BoxMotionState['axes'] = null;
  #stableFrames = 0;

  /** An independent copy, moved one frame on. */
  moved(): BoxMotion {
    const copy = new BoxMotion();
    copy.restore(this.snapshot());
    copy.predict();
    return copy;
  }

  /** Moves one frame on. */
  predict(): void {
    if (this.#axes === null) return;
    const height = this.#axes[3].position;
    const [x, y, aspect, tall] = this.#axes;
    const drift = (axis: Axis) => step(axis, positionWeight * height, speedWeight * height);
    this.#axes = [drift(x), drift(y), step(aspect, aspectNoise, aspectSpeedNoise), drift(tall)];
  }

  /** The candidate's vote: predicted IoU alone until the motion has settled. */
  score(logits: Float32Array, side: number, predictedIou: number): number {
    if (!this.settled) return predictedIou;
    return voteShare * this.agreement(logits, side) + (1 - voteShare) * predictedIou;
  }

  /** IoU of the mask's box with the predicted box; 0 for an empty mask. */
  agreement(logits: Float32Array, side: number): number {
    const box = boxOf(logits, side);
    return box === null || this.#axes === null ? 0 : boxIou(box, predictedBox(this.#axes));
  }

  get settled(): boolean {
    return this.#stableFrames >= settledAfterFrames;
  }

  /** Takes the chosen mask in. A mask far from the prediction unsettles the model; an empty one leaves it to drift. */
  observe(logits: Float32Array, side: number): void {
    const box = boxOf(logits, side);
    if (box === null) {
      this.#stableFrames = 0;
      return;
    }
    if (this.#axes === null) {
      this.#axes = begin(box);
      this.#stableFrames = 1;
      return;
    }
    const agrees = boxIou(box, predictedBox(this.#axes)) >= settledIou;
    if (!agrees && !this.settled) {
      this.#axes = begin(box);
      this.#stableFrames = 1;
      return;
    }
    this.#stableFrames = agrees ? this.#stableFrames + 1 : 0;
    if (agrees) this.#axes = update(this.#axes, box);
  }

  snapshot(): BoxMotionState {
    return { axes: this.#axes, stableFrames: this.#stableFrames };
  }

  restore(state: BoxMotionState): void {
    this.#axes = state.axes;
    this.#stableFrames = state.stableFrames;
  }
}

/** Tight box of the foreground on a side x side grid, or null. */
export function boxOf(logits: Float32Array, side: number): GridBox | null {
  let [left, top, right, bottom] = [side, -1, 0, 0];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (logits[y * side + x] <= 0) continue;
      if (top < 0) top = y;
      bottom = y + 1;
      if (x < left) left = x;
      if (x + 1 > right) right = x + 1;
    }
  }
  return top < 0 ? null : { left, top, right, bottom };
}

export function boxIou(a: GridBox, b: GridBox): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  const areaOf = (box: GridBox) => (box.right - box.left) * (box.bottom - box.top);
  return shared / (areaOf(a) + areaOf(b) - shared);
}

function measure({ left, top, right, bottom }: GridBox): readonly [number, number, number, number] {
  const height = bottom - top;
  return [(left + right) / 2, (top + bottom) / 2, (right - left) / height, height];
}

function predictedBox([x, y, aspect, tall]: NonNullable<BoxMotionState['axes']>): GridBox {
  const height = Math.max(0, tall.position);
  const width = Math.max(0, aspect.position * height);
  return {
    left: x.position - width / 2,
    top: y.position - height / 2,
    right: x.position + width / 2,
    bottom: y.position + height / 2,
  };
}

function begin(box: GridBox): NonNullable<BoxMotionState['axes']> {
  const [x, y, aspect, height] = measure(box);
  const start = (position: number, deviation: number, speedDeviation: number): Axis => ({
    position,
    speed: 0,
    pp: deviation ** 2,
    ps: 0,
    ss: speedDeviation ** 2,
  });
  const placed = (position: number) => start(position, 2 * positionWeight * height, 10 * speedWeight * height);
  return [placed(x), placed(y), start(aspect, aspectNoise, aspectSpeedNoise), placed(height)];
}

function step(axis: Axis, deviation: number, speedDeviation: number): Axis {
  const { position, speed, pp, ps, ss } = axis;
  return {
    position: position + speed,
    speed,
    pp: pp + 2 * ps + ss + deviation ** 2,
    ps: ps + ss,
    ss: ss + speedDeviation ** 2,
  };
}

function update(axes: NonNullable<BoxMotionState['axes']>, box: GridBox): NonNullable<BoxMotionState['axes']> {
  const seen = measure(box);
  const noise = positionWeight * axes[3].position;
  const correct = (axis: Axis, value: number, deviation: number): Axis => {
    const gain = 1 / (axis.pp + deviation ** 2);
    const error = value - axis.position;
    return {
      position: axis.position + axis.pp * gain * error,
      speed: axis.speed + axis.ps * gain * error,
      pp: axis.pp - axis.pp * gain * axis.pp,
      ps: axis.ps - axis.pp * gain * axis.ps,
      ss: axis.ss - axis.ps * gain * axis.ps,
    };
  };
  return [
    correct(axes[0], seen[0], noise),
    correct(axes[1], seen[1], noise),
    correct(axes[2], seen[2], aspectMeasureNoise),
    correct(axes[3], seen[3], noise),
  ];
}
