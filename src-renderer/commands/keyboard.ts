import type { Studio } from '../state/studio.ts';
import { isMac } from '../ui/key-label.ts';
import { isOffered } from './command.ts';
import { commandsForKey } from './commands.ts';

/** A key press as commands name it. A shifted sign (`?`) names itself; only letters and named keys keep `Shift`. */
export function combinationOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
): string {
  const isLetter = /^\p{L}$/u.test(event.key);
  const isSign = event.key.length === 1 && !isLetter;
  const parts = [
    ...((isMac ? event.metaKey : event.ctrlKey) ? ['Mod'] : []),
    ...(event.shiftKey && !isSign ? ['Shift'] : []),
    ...(event.altKey ? ['Alt'] : []),
    isLetter ? event.key.toLowerCase() : event.key,
  ];
  return parts.join('+');
}

/** Runs the command of each key press, unless a person is typing or a sheet is open. Returns the function that ends it. */
export function listenToKeys(studio: Studio, target: Document): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
    const { settings, dialog } = studio.store.value;
    if (dialog !== null) return;
    const combination = combinationOf(event);
    // A focused control keeps the keys that operate it.
    if (operates(event.target, combination)) return;
    const command = commandsForKey(combination, settings).find((each) => isOffered(each, studio.store.value));
    if (command === undefined) return;
    event.preventDefault();
    void studio.notices.guard(async () => command.run(studio));
  };
  target.addEventListener('keydown', onKey);
  return () => target.removeEventListener('keydown', onKey);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && !['range', 'checkbox', 'radio', 'button'].includes(target.type);
}

function operates(target: EventTarget | null, combination: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('button, a, summary') !== null)
    return (combination === ' ' && target.matches(':focus-visible')) || combination === 'Enter';
  if (target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && /^(Arrow|Home|End|Page| )/.test(combination);
}
