let clicked = false;

/**
 * Whether the control in focus was reached by keyboard and not by a click. Browsers don't say: once a key is pressed, `:focus-visible`
 * holds for a control that was only clicked, too.
 */
export function reachedByKeyboard(): boolean {
  return !clicked;
}

/** Follows how the focus moves. Returns the function that ends it. */
export function followFocus(target: Document): () => void {
  const onPointer = () => {
    clicked = true;
  };
  const onKey = ({ key }: KeyboardEvent) => {
    if (key === 'Tab') clicked = false;
  };
  target.addEventListener('pointerdown', onPointer, true);
  target.addEventListener('keydown', onKey, true);
  return () => {
    target.removeEventListener('pointerdown', onPointer, true);
    target.removeEventListener('keydown', onKey, true);
  };
}
