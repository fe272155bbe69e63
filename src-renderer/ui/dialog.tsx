import { type ReactElement, type ReactNode, useEffect, useId, useRef } from 'react';
import { IconButton } from './button.tsx';
import { useTranslate } from './i18n/use-translate.ts';

/** A modal sheet over the page: the platform's own dialog keeps focus inside and closes on Escape. */
export function Dialog({
  title,
  width = 560,
  onClose,
  children,
  footer,
}: {
  readonly title: string;
  readonly width?: number;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
}): ReactElement {
  const t = useTranslate();
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // The sheet itself, unless something in it asked for the focus: a ring around the close button says nothing.
    if (document.activeElement?.matches('input') !== true) dialog?.focus();
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the platform closes a dialog on Escape; the click is for the dimmed page around it.
    <dialog
      ref={element}
      className="dialog"
      tabIndex={-1}
      style={{ width: `min(${width}px, calc(100% - 48px))` }}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === element.current && onClose()}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <IconButton icon="close" label={t('common.close')} keys="Esc" onClick={onClose} />
        </header>
        <div className="dialog-content">{children}</div>
        {footer !== undefined && <footer className="dialog-foot">{footer}</footer>}
      </div>
    </dialog>
  );
}
