/**
 * Runs `work` and yields what it reports, newest only: a slow reader misses steps, never the result.
 * The last value yielded is the result. Leaving the loop early does not stop `work`: give it a signal for that.
 */
export async function* withProgress<P, R>(
  work: (report: (progress: P) => void) => Promise<R>,
): AsyncGenerator<P | R, void> {
  let newest: { readonly progress: P } | null = null;
  let wake: () => void = () => {};
  let ended = false;
  const running = work((progress) => {
    newest = { progress };
    wake();
  });
  const end = () => {
    ended = true;
    wake();
  };
  running.then(end, end);
  for (;;) {
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    if (newest === null && !ended) await woken;
    if (ended) break;
    const { progress } = newest as unknown as { readonly progress: P };
    newest = null;
    yield progress;
  }
  yield await running;
}
