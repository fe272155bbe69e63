import { type ReactElement, useEffect, useRef } from 'react';
import type { ObjectState } from '../../../src-shared/contract/results.ts';
import { isViewer } from '../../state/edit-rules.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

/** The object's colour; pressing it chooses another one. */
export function Swatch({ object: { objectId, colour, name } }: { readonly object: ObjectState }): ReactElement {
  const t = useTranslate();
  const { objects } = useStudio();
  const viewer = useStudioState(isViewer);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const field = input.current;
    if (field === null) return;
    field.value = colour;
    // React's onChange hears every move of the picker; one choice is one step to undo.
    const onChoice = () => {
      if (field.value !== colour) void objects.change([objectId], { colour: field.value });
    };
    field.addEventListener('change', onChoice);
    return () => field.removeEventListener('change', onChoice);
  }, [colour, objectId, objects]);
  return (
    <label className="swatch" style={{ background: colour }} title={t('objects.colour')}>
      <input
        ref={input}
        type="color"
        tabIndex={-1}
        disabled={viewer}
        defaultValue={colour}
        aria-label={t('objects.colourOf', { name })}
      />
    </label>
  );
}
