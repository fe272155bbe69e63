import type { MenuItemConstructorOptions } from 'electron';
import type { DesktopMenu } from '../../../src-shared/contract/desktop-messages.ts';

const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ' ': 'Space',
  '+': 'Plus',
  Escape: 'Esc',
};

/**
 * The menu of a window: the page's commands as it tells them, after what the system expects. The page listens to its own keys, so
 * accelerators are shown and not registered; macOS cannot do that, there only those with Command are shown.
 */
export function menuTemplate(menu: DesktopMenu, mac: boolean, run: (id: string) => void): MenuItemConstructorOptions[] {
  const groups = menu.map(({ title, items }): MenuItemConstructorOptions => {
    const submenu = items.map(({ id, title: label, keys, enabled }): MenuItemConstructorOptions => {
      const accelerator = keys === null || (mac && !keys.startsWith('Mod+')) ? null : acceleratorOf(keys);
      const shown = accelerator === null ? {} : { accelerator, registerAccelerator: false };
      return { id, label, enabled, ...shown, click: () => run(id) };
    });
    return { label: title, submenu };
  });
  const system: MenuItemConstructorOptions[] = mac ? [{ role: 'appMenu' }, { role: 'editMenu' }] : [];
  return [...system, ...groups, { role: 'windowMenu' }];
}

/** `Mod+Shift+z` as Electron names it. */
export function acceleratorOf(keys: string): string {
  const parts = keys.split(/\+(?=.)/);
  const key = parts.pop() ?? '';
  const modifiers = parts.map((part) => (part === 'Mod' ? 'CmdOrCtrl' : part));
  return [...modifiers, NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)].join('+');
}
