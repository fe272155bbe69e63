const STEP = (0.95 - 0.5) / 9;

/** 0.50, 0.55 .. 0.95 as numpy's linspace rounds them; published numbers depend on the last bit when an IoU ties a threshold. */
export const IOU_THRESHOLDS: readonly number[] = Array.from({ length: 10 }, (_, index) =>
  index === 9 ? 0.95 : index * STEP + 0.5,
);

/** Position of 0.50 and 0.75 in `IOU_THRESHOLDS`. */
export const AT_50 = 0;
export const AT_75 = 5;
