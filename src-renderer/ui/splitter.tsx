import type { KeyboardEvent, PointerEvent, ReactElement } from 'react';
import { pageZoom } from './page-zoom.ts';

const STEP = 16;

/** A bar that is dragged up and down, or moved with the arrow keys. */
export function Splitter({
  label,
  value,
  min,
  max,
  onChange,
}: {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}): ReactElement {
  const set = (next: number) => onChange(Math.min(max, Math.max(min, next)));
  const onDown = (event: PointerEvent<HTMLHRElement>) => {
    const start = event.clientY;
    const bar = event.currentTarget;
    bar.setPointerCapture(event.pointerId);
    bar.onpointermove = (move) => set(value + (start - move.clientY) / pageZoom());
    bar.onpointerup = () => {
      bar.onpointermove = null;
    };
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    event.stopPropagation();
    set(value + (event.key === 'ArrowUp' ? STEP : -STEP));
  };
  return (
    <hr
      className="splitter"
      tabIndex={0}
      aria-orientation="horizontal"
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      onPointerDown={onDown}
      onKeyDown={onKey}
    />
  );
}
