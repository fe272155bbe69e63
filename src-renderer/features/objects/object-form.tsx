import { type FocusEvent, type KeyboardEvent, type ReactElement, useState } from 'react';
import type { ObjectState } from '../../../src-shared/contract/results.ts';
import { useCommand } from '../../commands/use-command.ts';
import { isBusy, isViewer } from '../../state/edit-rules.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

const CLASSES = 'object-classes';

/** Name and class of an object, kept by Enter and by leaving the form. */
export function ObjectForm({
  object,
  onDone,
}: {
  readonly object: ObjectState;
  readonly onDone: () => void;
}): ReactElement {
  const t = useTranslate();
  const { objects } = useStudio();
  const { label, keys } = useCommand('remove-object');
  const fixed = useStudioState((state) => isBusy(state) || isViewer(state));
  const [name, setName] = useState(object.name);
  const [className, setClassName] = useState(object.className ?? '');
  const keep = () => {
    const next = { name: name.trim() || object.name, className: className.trim() || null };
    if (next.name !== object.name || next.className !== object.className) void objects.change([object.objectId], next);
    onDone();
  };
  const onKey = (event: KeyboardEvent) => {
    event.stopPropagation();
    // On the button, Enter presses it.
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement) keep();
    else if (event.key === 'Escape') onDone();
  };
  const onBlur = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) keep();
  };
  return (
    <fieldset className="object-form" aria-label={t('objects.edit')} onBlur={onBlur} onKeyDown={onKey}>
      <input
        className="name-field"
        aria-label={t('objects.rename')}
        value={name}
        // biome-ignore lint/a11y/noAutofocus: the field appears because the person asked to edit.
        autoFocus
        maxLength={200}
        onChange={(event) => setName(event.target.value)}
        onFocus={(event) => event.target.select()}
      />
      <input
        className="name-field"
        aria-label={t('objects.class')}
        placeholder={t('objects.class')}
        list={CLASSES}
        value={className}
        maxLength={200}
        onChange={(event) => setClassName(event.target.value)}
      />
      <IconButton
        icon="trash"
        size={16}
        label={label}
        keys={keys}
        disabled={fixed}
        onClick={() => void objects.remove([object.objectId])}
      />
      <KnownClasses />
    </fieldset>
  );
}

/** Classes that other objects have, and the phrases that were searched for. */
function KnownClasses(): ReactElement {
  const state = useStudioState(({ session }) => session?.state);
  const names = [
    ...(state?.objects ?? []).flatMap(({ className }) => className ?? []),
    ...(state?.concepts ?? []).map(({ phrase }) => phrase),
  ];
  return (
    <datalist id={CLASSES}>
      {[...new Set(names)].sort().map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}
