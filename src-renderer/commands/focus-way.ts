let byPointer = false;
let clicked = false;

/**
 * Whether the control in focus was reached by keyboard, or by a command, and not by a click. Browsers don't say: once a key is pressed,
 * `:focus-visible` holds for a control that was only clicked, too.
 */
export function reachedByKeyboard(): boolean {
  return !clicked;
}

/** Follows how the focus moves. Returns the function that ends it. */
export function followFocus(target: Document): () => void {
  const ended = new AbortController();
  const options = { capture: true, signal: ended.signal };
  target.addEventListener(
    'pointerdown',
    ({ target: pressed }) => {
      byPointer = true;
      // A control that has the focus already gets no second `focusin`.
      if (pressed instanceof Node && target.activeElement?.contains(pressed) === true) clicked = true;
    },
    options,
  );
  target.addEventListener(
    'keydown',
    () => {
      byPointer = false;
    },
    options,
  );
  target.addEventListener(
    'focusin',
    () => {
      clicked = byPointer;
    },
    options,
  );
  return () => ended.abort();
}
