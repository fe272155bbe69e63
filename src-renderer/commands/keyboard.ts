import type { Studio } from '../state/studio.ts';
import { isMac } from '../ui/key-label.ts';
import { isOffered } from './command.ts';
import { commandsForKey } from './commands.ts';
import { followFocus, reachedByKeyboard } from './focus-way.ts';

type Press = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** A key press as commands name it. A shifted sign (`?`) names itself; only letters and named keys keep `Shift`. */
export function combinationOf(event: Press, mac = isMac): string {
  const key = keyOf(event, mac);
  const isLetter = /^\p{L}$/u.test(key);
  const isSign = key.length === 1 && !isLetter;
  const parts = [
    ...((mac ? event.metaKey : event.ctrlKey) ? ['Mod'] : []),
    ...(event.shiftKey && !isSign ? ['Shift'] : []),
    ...(event.altKey ? ['Alt'] : []),
    isLetter ? key.toLowerCase() : key,
  ];
  return parts.join('+');
}

const SIGNS: Readonly<Record<string, string>> = { Comma: ',', Period: '.' };

/** On a Mac, Option writes another character (Option and H is `˙`): there the key's place on the keyboard tells which one was meant. */
function keyOf({ key, code, altKey }: Press, mac: boolean): string {
  if (!mac || !altKey || (key.length > 1 && key !== 'Dead')) return key;
  return SIGNS[code] ?? /^(?:Key|Digit)(.)$/.exec(code)?.[1].toLowerCase() ?? key;
}

/** Runs the command of each key press, unless a person is typing or a sheet is open. Returns the function that ends it. */
export function listenToKeys(studio: Studio, target: Document): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
    const { settings, dialog } = studio.store.value;
    if (dialog !== null) return;
    const combination = combinationOf(event);
    // A control that was reached by keyboard keeps the keys that operate it; one that was only clicked does not.
    if (operates(event.target, combination)) return;
    const command = commandsForKey(combination, settings).find((each) => isOffered(each, studio.store.value));
    if (command === undefined) return;
    event.preventDefault();
    void studio.notices.guard(async () => command.run(studio));
  };
  const unfollow = followFocus(target);
  target.addEventListener('keydown', onKey);
  return () => {
    target.removeEventListener('keydown', onKey);
    unfollow();
  };
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && !['range', 'checkbox', 'radio', 'button'].includes(target.type);
}

function operates(target: EventTarget | null, combination: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('button, a, summary') !== null)
    return (combination === ' ' && reachedByKeyboard()) || combination === 'Enter';
  if (!reachedByKeyboard()) return false;
  if (target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && /^(Arrow|Home|End|Page| )/.test(combination);
}
