/** So many steps at most before the event loop gets its turn. */
export const STEPS_A_TURN = 64;

/** Work that never waits for the disk keeps messages out: cancelling and progress need a turn of the event loop. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
