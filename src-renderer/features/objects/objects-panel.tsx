import { type KeyboardEvent, type ReactElement, useRef, useState } from 'react';
import type { ObjectState } from '../../../src-shared/contract/results.ts';
import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import { toggled } from '../../commands/edit-commands.ts';
import { useCommand } from '../../commands/use-command.ts';
import { useTrackedPercent } from '../../state/use-lanes.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import type { MessageKey } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { isMac, keyLabel } from '../../ui/key-label.ts';
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
  const { store } = useStudio();
  const selected = useStudioState((state) => state.selectedObject);
  const list = useRef<HTMLUListElement>(null);
  const move = (event: KeyboardEvent, by: number) => {
    event.preventDefault();
    const at = objects.findIndex(({ objectId }) => objectId === selected);
    const next = Math.min(objects.length - 1, Math.max(0, at + by));
    store.patch({ selectedObject: objects[next].objectId, selectedPrompt: null });
    list.current?.querySelectorAll<HTMLElement>('.object-main')[next]?.focus();
  };
  return (
    <ul ref={list} className="object-list">
      {objects.map((object, index) => (
        <ObjectRow
          key={object.objectId}
          object={object}
          selected={object.objectId === selected}
          tabStop={selected === null ? index === 0 : object.objectId === selected}
          onArrow={move}
        />
      ))}
    </ul>
  );
}

const STATE_WORDS: Readonly<Record<ObjectState['tracking'], MessageKey>> = {
  new: 'objects.stateNew',
  changed: 'objects.stateChanged',
  tracked: 'objects.stateTracked',
};

function ObjectRow({
  object,
  selected,
  tabStop,
  onArrow,
}: {
  readonly object: ObjectState;
  readonly selected: boolean;
  readonly tabStop: boolean;
  readonly onArrow: (event: KeyboardEvent, by: number) => void;
}): ReactElement {
  const t = useTranslate();
  const { store, prompting } = useStudio();
  const { objectId, name, colour, tracking } = object;
  const [renaming, setRenaming] = useState(false);
  const visible = useStudioState((state) => isVisible(objectId, state.hidden, state.solo));
  const running = useStudioState(({ job }) => job?.kind === 'track' && job.objectIds.includes(objectId));
  const percent = useTrackedPercent(objectId);
  if (renaming) {
    const onDone = (next: string | null) => {
      setRenaming(false);
      if (next !== null && next !== name) prompting.renameObject(objectId, next);
    };
    return (
      <li className="object-row chosen">
        <span className="swatch" style={{ background: colour }} />
        <NameField name={name} onDone={onDone} />
      </li>
    );
  }
  return (
    <li className={`object-row ${selected ? 'chosen' : ''} ${visible ? '' : 'faint'}`}>
      <button
        type="button"
        className="object-main"
        aria-pressed={selected}
        tabIndex={tabStop ? 0 : -1}
        onClick={() => store.patch({ selectedObject: objectId, selectedPrompt: null })}
        onDoubleClick={() => setRenaming(true)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') onArrow(event, 1);
          else if (event.key === 'ArrowUp') onArrow(event, -1);
          else if (event.key === 'F2') setRenaming(true);
        }}
      >
        <span className="swatch" style={{ background: colour }} />
        <span className="object-number">{objectId}</span>
        <span className="object-name">{name}</span>
        <span className={`state-word state-${running ? 'running' : tracking}`}>
          {t(running ? 'objects.stateRunning' : STATE_WORDS[tracking])}
          {(running || tracking === 'tracked') && percent < 100 && ` ${percent}%`}
        </span>
      </button>
      <RowActions objectId={objectId} visible={visible} onRename={() => setRenaming(true)} />
    </li>
  );
}

function RowActions({
  objectId,
  visible,
  onRename,
}: {
  readonly objectId: ObjectId;
  readonly visible: boolean;
  readonly onRename: () => void;
}): ReactElement {
  const t = useTranslate();
  const { store, prompting } = useStudio();
  const idle = useStudioState((state) => state.job === null);
  return (
    <span className="row-actions">
      <IconButton
        icon="pencil"
        size={16}
        tabIndex={-1}
        label={t('objects.renameAction')}
        keys="F2"
        onClick={onRename}
      />
      <IconButton
        icon={visible ? 'eye' : 'eye-off'}
        size={16}
        tabIndex={-1}
        label={t(visible ? 'objects.hide' : 'objects.show')}
        keys="H"
        onClick={() => store.patch({ hidden: toggled(store.value.hidden, objectId), solo: null })}
      />
      <IconButton
        icon="trash"
        size={16}
        tabIndex={-1}
        label={t('command.removeObject')}
        keys={keyLabel('Mod+Delete', isMac)}
        disabled={!idle}
        onClick={() => prompting.removeObject(objectId)}
      />
    </span>
  );
}

function NameField({
  name,
  onDone,
}: {
  readonly name: string;
  readonly onDone: (name: string | null) => void;
}): ReactElement {
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
