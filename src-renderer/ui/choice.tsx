import { type ReactElement, useId } from 'react';

export interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
}

/** One of a few, side by side. Arrow keys move, as in any radio group. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
  hideLabel = false,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly Option<T>[];
  readonly onChange: (value: T) => void;
  readonly hideLabel?: boolean;
}): ReactElement {
  const name = useId();
  return (
    <fieldset className="choice">
      <legend className={hideLabel ? 'only-read' : 'field-label'}>{label}</legend>
      <div className="choice-row">
        {options.map((option) => (
          <label key={option.value} className={`choice-item ${option.value === value ? 'chosen' : ''}`}>
            <input
              type="radio"
              name={name}
              className="only-read"
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Slider({
  label,
  value,
  min,
  max,
  step,
  text,
  onChange,
  hideLabel = false,
  disabled = false,
}: {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly disabled?: boolean;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly text: string;
  readonly onChange: (value: number) => void;
}): ReactElement {
  return (
    <label className="slider">
      <span className={hideLabel ? 'only-read' : 'field-label'}>{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={text}
        disabled={disabled}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
      <output>{text}</output>
    </label>
  );
}
