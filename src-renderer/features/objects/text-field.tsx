import { type ReactElement, useRef, useState } from 'react';

/** A line of text in a list. Enter and leaving it keep what was typed, Escape does not; `onDone` hears null then. */
export function TextField({
  label,
  value,
  autoFocus = false,
  onDone,
}: {
  readonly label: string;
  readonly value: string;
  readonly autoFocus?: boolean;
  readonly onDone: (text: string | null) => void;
}): ReactElement {
  const [text, setText] = useState(value);
  const left = useRef(false);
  const done = (next: string | null) => {
    if (left.current) return;
    left.current = true;
    onDone(next);
  };
  return (
    <input
      className="name-field"
      aria-label={label}
      placeholder={label}
      value={text}
      // biome-ignore lint/a11y/noAutofocus: the field appears because the person asked to edit.
      autoFocus={autoFocus}
      maxLength={200}
      onChange={(event) => setText(event.target.value)}
      onFocus={(event) => event.target.select()}
      onBlur={() => done(text.trim())}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') event.currentTarget.blur();
        else if (event.key === 'Escape') done(null);
      }}
    />
  );
}
