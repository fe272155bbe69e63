import { type ReactElement, type ReactNode, useId, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { pageZoom } from './page-zoom.ts';

interface Place {
  readonly x: number;
  readonly y: number;
  readonly above: boolean;
}

const EDGE = 8;
const DELAY_MILLIS = 350;

/** Says what a control does and its key, on hover and on keyboard focus. */
export function Tooltip({
  text,
  keys,
  children,
}: {
  readonly text: string;
  readonly keys?: string | undefined;
  readonly children: ReactNode;
}): ReactElement {
  const [place, setPlace] = useState<Place | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const id = useId();
  const show = (target: HTMLElement, delay: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setPlace(placeOf(target)), delay);
  };
  const hide = () => {
    clearTimeout(timer.current);
    setPlace(null);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches; the control inside is what a person operates.
    <span
      className="tip-anchor"
      onPointerEnter={(event) => show(event.currentTarget, DELAY_MILLIS)}
      onPointerLeave={hide}
      onPointerDown={hide}
      onFocus={(event) => event.target.matches(':focus-visible') && show(event.currentTarget, 0)}
      onBlur={hide}
    >
      {children}
      {place !== null &&
        createPortal(
          <span
            role="tooltip"
            id={id}
            // The top layer: above open sheets too.
            popover="manual"
            ref={(element) => element?.showPopover()}
            className={`tip ${place.above ? 'tip-above' : 'tip-below'}`}
            style={{ left: place.x, top: place.y }}
          >
            {text}
            {keys !== undefined && keys !== '' && <kbd>{keys}</kbd>}
          </span>,
          document.body,
        )}
    </span>
  );
}

function placeOf(anchor: HTMLElement): Place {
  const zoom = pageZoom();
  const box = (anchor.firstElementChild ?? anchor).getBoundingClientRect();
  const above = box.bottom + 44 * zoom > innerHeight;
  const x = Math.min(innerWidth / zoom - 90, Math.max(90, (box.left + box.width / 2) / zoom));
  return { x, y: above ? box.top / zoom - EDGE : box.bottom / zoom + EDGE, above };
}
