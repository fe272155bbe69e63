import { type ReactElement, useState } from 'react';
import type { ObjectState } from '../../../src-shared/contract/results.ts';
import { isViewer } from '../../state/edit-rules.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { TextField } from './text-field.tsx';

/** Folds, names, hides and dissolves a group. */
export function GroupHeader({
  name,
  objects,
  folded,
}: {
  readonly name: string;
  readonly objects: readonly ObjectState[];
  readonly folded: boolean;
}): ReactElement {
  const t = useTranslate();
  const { store, objects: edits } = useStudio();
  const viewer = useStudioState(isViewer);
  const [naming, setNaming] = useState(false);
  const rename = () => setNaming(!viewer);
  const ids = objects.map(({ objectId }) => objectId);
  const anyShown = objects.some(({ hidden }) => !hidden);
  const fold = () => {
    const { foldedGroups } = store.value;
    const others = [...foldedGroups].filter((each) => each !== name);
    store.patch({ foldedGroups: new Set(folded ? others : [...others, name]) });
  };
  if (naming) {
    const done = (next: string | null) => {
      setNaming(false);
      if (next !== null && next !== name) void edits.change(ids, { groupName: next });
    };
    return (
      <div className="group-header">
        <TextField label={t('objects.groupName')} value={name} autoFocus onDone={done} />
      </div>
    );
  }
  return (
    <div className="group-header">
      <button
        type="button"
        className="group-main"
        aria-expanded={!folded}
        onClick={fold}
        onDoubleClick={rename}
        onKeyDown={(event) => event.key === 'F2' && rename()}
      >
        <span className={folded ? 'chevron folded' : 'chevron'}>
          <Icon name="chevron" size={16} />
        </span>
        <span className="object-name">{name}</span>
        <span className="count">{objects.length}</span>
      </button>
      <span className="row-actions">
        <IconButton
          icon="pencil"
          size={16}
          label={t('objects.renameAction')}
          keys="F2"
          disabled={viewer}
          onClick={rename}
        />
        <IconButton
          icon={anyShown ? 'eye' : 'eye-off'}
          size={16}
          label={t(anyShown ? 'objects.hide' : 'objects.show')}
          disabled={viewer}
          onClick={() => void edits.change(ids, { hidden: anyShown })}
        />
        <IconButton
          icon="close"
          size={16}
          label={t('objects.ungroup')}
          disabled={viewer}
          onClick={() => void edits.change(ids, { groupName: null })}
        />
      </span>
    </div>
  );
}
