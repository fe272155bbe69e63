import { type KeyboardEvent, type ReactElement, useId, useRef } from 'react';
import { IconButton } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import { pageZoom } from './page-zoom.ts';

export interface MenuItem {
  readonly label: string;
  readonly icon: IconName;
  readonly disabled?: boolean;
  readonly onChoose: () => void;
}

const WIDTH = 232;
const EDGE = 8;

/** A button that opens a list of things to do. Arrow keys move in it, Escape and a click elsewhere close it. */
export function MenuButton({
  label,
  items,
}: {
  readonly label: string;
  readonly items: readonly MenuItem[];
}): ReactElement {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const place = (button: HTMLElement) => {
    const menu = list.current;
    if (menu === null) return;
    const zoom = pageZoom();
    const box = button.getBoundingClientRect();
    const [bottom, right, top] = [box.bottom / zoom, box.right / zoom, box.top / zoom];
    const height = 16 + items.length * 34;
    const fitsBelow = bottom + height + EDGE < innerHeight / zoom;
    menu.style.left = `${Math.max(EDGE, right - WIDTH)}px`;
    menu.style.top = `${fitsBelow ? bottom + 4 : Math.max(EDGE, top - height - 4)}px`;
  };
  const onKey = (event: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>('button:not(:disabled)') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[(next + buttons.length) % buttons.length]?.focus();
  };
  return (
    <>
      <IconButton
        icon="dots"
        label={label}
        aria-haspopup="menu"
        popoverTarget={id}
        onClick={(event) => place(event.currentTarget)}
      />
      <div
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        aria-label={label}
        tabIndex={-1}
        className="menu"
        onKeyDown={onKey}
        onToggle={(event) =>
          event.newState === 'open' && list.current?.querySelector<HTMLElement>('button:not(:disabled)')?.focus()
        }
      >
        {items.map((item) => (
          <button
            key={item.label}
            type="button"
            role="menuitem"
            className="menu-item"
            disabled={item.disabled}
            onClick={() => {
              list.current?.hidePopover();
              item.onChoose();
            }}
          >
            <Icon name={item.icon} size={16} />
            {item.label}
          </button>
        ))}
      </div>
    </>
  );
}
