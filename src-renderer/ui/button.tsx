import type { ButtonHTMLAttributes, ReactElement } from 'react';
import { Icon, type IconName } from './icon.tsx';
import { Tooltip } from './tooltip.tsx';

export type ButtonLook = 'primary' | 'secondary' | 'ghost' | 'danger';

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'type' | 'children'>;

export function Button({
  look = 'secondary',
  icon,
  label,
  ...rest
}: Native & { readonly look?: ButtonLook; readonly icon?: IconName; readonly label: string }): ReactElement {
  return (
    <button type="button" className={`button button-${look}`} {...rest}>
      {icon !== undefined && <Icon name={icon} />}
      <span>{label}</span>
    </button>
  );
}

/** A button that is only an icon; its name and key are told by the tooltip and to screen readers. */
export function IconButton({
  icon,
  label,
  keys,
  pressed,
  size,
  ...rest
}: Native & {
  readonly icon: IconName;
  readonly label: string;
  readonly keys?: string | undefined;
  readonly pressed?: boolean | undefined;
  readonly size?: number;
}): ReactElement {
  return (
    <Tooltip text={label} keys={keys}>
      <button type="button" className="icon-button" aria-label={label} aria-pressed={pressed} {...rest}>
        <Icon name={icon} {...(size === undefined ? {} : { size })} />
      </button>
    </Tooltip>
  );
}
