export type { SeenMask } from './seen-mask.ts';
export { StopFinder } from './stop-finder.ts';
