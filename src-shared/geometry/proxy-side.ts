/** Pixels on the shorter side of the pictures that are played: what a window shows of a larger picture hardly has more. */
export const PROXY_SIDE = 540;
