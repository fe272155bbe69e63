import { type KeyboardEvent, type ReactElement, useState } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import { toggled } from '../../commands/edit-commands.ts';
import type { ObjectState } from '../../../src-shared/contract/results.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import type { MessageKey } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { isVisible } from '../studio/scene-of.ts';

const NO_OBJECTS: readonly ObjectState[] = [];

/** The objects of the session: one tab stop, arrows move, Enter renames. */
export function ObjectsPanel(): ReactElement {
  const t = useTranslate();
  const objects = useStudioState((state) => state.session?.state.objects ?? NO_OBJECTS);
  const newObject = useCommand('new-object');
  return (
    <section className="panel-section grow" aria-label={t('objects.title')}>
      <header className="panel-head">
        <h2>{t('objects.title')}</h2>
        <span className="count">{objects.length}</span>
        <span className="bar-stretch" />
        <IconButton icon="plus" {...newObject} />
      </header>
      {objects.length === 0 ? <Empty /> : <ObjectList objects={objects} />}
    </section>
  );
}

function Empty(): ReactElement {
  const t = useTranslate();
  return (
    <div className="empty">
      <p className="empty-title">{t('objects.emptyTitle')}</p>
      <p>{t('objects.emptyText')}</p>
    </div>
  );
}

function ObjectList({ objects }: { readonly objects: readonly ObjectState[] }): ReactElement {
  const t = useTranslate();
  const { store } = useStudio();
  const selected = useStudioState((state) => state.selectedObject);
  const move = (event: KeyboardEvent, by: number) => {
    event.preventDefault();
    const at = objects.findIndex(({ objectId }) => objectId === selected);
    const next = objects[Math.min(objects.length - 1, Math.max(0, at + by))];
    store.patch({ selectedObject: next.objectId, selectedPrompt: null });
  };
  return (
    <ul
      className="object-list"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a list of which one is chosen is a list box.
      role="listbox"
      tabIndex={0}
      aria-label={t('objects.title')}
      aria-activedescendant={selected === null ? undefined : `object-${selected}`}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') move(event, 1);
        else if (event.key === 'ArrowUp') move(event, -1);
      }}
    >
      {objects.map((object) => (
        <ObjectRow key={object.objectId} object={object} selected={object.objectId === selected} />
      ))}
    </ul>
  );
}

const STATE_WORDS: Readonly<Record<ObjectState['tracking'], MessageKey>> = {
  new: 'objects.stateNew',
  changed: 'objects.stateChanged',
  tracked: 'objects.stateTracked',
};

function ObjectRow({ object, selected }: { readonly object: ObjectState; readonly selected: boolean }): ReactElement {
  const t = useTranslate();
  const { store, prompting } = useStudio();
  const { objectId, name, colour, tracking } = object;
  const [renaming, setRenaming] = useState(false);
  const visible = useStudioState((state) => isVisible(objectId, state.hidden, state.solo));
  const running = useStudioState(({ job }) => job?.kind === 'track' && job.objectIds.includes(objectId));
  const idle = useStudioState((state) => state.job === null);
  return (
    <li
      id={`object-${objectId}`}
      className={`object-row ${selected ? 'chosen' : ''} ${visible ? '' : 'faint'}`}
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: see the list.
      role="option"
      aria-selected={selected}
      onClick={() => store.patch({ selectedObject: objectId, selectedPrompt: null })}
      onDoubleClick={() => setRenaming(true)}
      onKeyDown={() => {}}
    >
      <span className="swatch" style={{ background: colour }} />
      <span className="object-number">{objectId}</span>
      {renaming ? (
        <NameField
          name={name}
          onDone={(next) => {
            setRenaming(false);
            if (next !== null && next !== name) prompting.renameObject(objectId, next);
          }}
        />
      ) : (
        <span className="object-name">{name}</span>
      )}
      <span className={`state-word state-${running ? 'running' : tracking}`}>
        {t(running ? 'objects.stateRunning' : STATE_WORDS[tracking])}
      </span>
      <span className="row-actions">
        <IconButton
          icon={visible ? 'eye' : 'eye-off'}
          size={16}
          label={t(visible ? 'objects.hide' : 'objects.show')}
          keys="H"
          onClick={(event) => {
            event.stopPropagation();
            store.patch({ hidden: toggled(store.value.hidden, objectId), solo: null });
          }}
        />
        <IconButton
          icon="trash"
          size={16}
          label={t('command.removeObject')}
          disabled={!idle}
          onClick={(event) => {
            event.stopPropagation();
            prompting.removeObject(objectId);
          }}
        />
      </span>
    </li>
  );
}

function NameField({ name, onDone }: { readonly name: string; readonly onDone: (name: string | null) => void }): ReactElement {
  const t = useTranslate();
  const [text, setText] = useState(name);
  return (
    <input
      className="name-field"
      aria-label={t('objects.rename')}
      value={text}
      // biome-ignore lint/a11y/noAutofocus: the field appears because the person asked to rename.
      autoFocus
      maxLength={200}
      onChange={(event) => setText(event.target.value)}
      onFocus={(event) => event.target.select()}
      onBlur={() => onDone(text.trim() === '' ? null : text.trim())}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') event.currentTarget.blur();
        else if (event.key === 'Escape') onDone(null);
      }}
    />
  );
}

