const SYMBOLS: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  Delete: 'Del',
  Enter: '↵',
  ' ': 'Space',
};

/** `Mod+Shift+z` as a person reads it: `Ctrl Shift Z`, or with the Mac's signs. */
export function keyLabel(combination: string, mac: boolean): string {
  return combination
    .split(/\+(?=.)/)
    .map((part) => {
      if (part === 'Mod') return mac ? '⌘' : 'Ctrl';
      if (part === 'Shift') return mac ? '⇧' : 'Shift';
      if (part === 'Alt') return mac ? '⌥' : 'Alt';
      return SYMBOLS[part] ?? (part.length === 1 ? part.toUpperCase() : part);
    })
    .join(mac ? '' : ' ');
}

export const isMac = typeof navigator !== 'undefined' && /mac/i.test(navigator.platform);
