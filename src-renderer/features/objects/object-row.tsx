import { type DragEvent, type KeyboardEvent, type MouseEvent, memo, type ReactElement, useState } from 'react';
import type { ObjectState } from '../../../src-shared/contract/results.ts';
import { laneBits } from '../../../src-shared/domain/lane.ts';
import { isViewer } from '../../state/edit-rules.ts';
import { useTrackedPercent } from '../../state/use-lanes.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import type { MessageKey } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { isMac, keyLabel } from '../../ui/key-label.ts';
import { isVisible } from '../studio/scene-of.ts';
import { ConfidenceLine } from './confidence-line.tsx';
import { ObjectForm } from './object-form.tsx';
import { Swatch } from './swatch.tsx';

interface ObjectRowProps {
  readonly object: ObjectState;
  readonly selected: boolean;
  /** One of several that are chosen together. */
  readonly chosen: boolean;
  readonly tabStop: boolean;
  /** What is dragged would come in front of it. */
  readonly dropHere: boolean;
  readonly onArrow: (event: KeyboardEvent, by: number) => void;
  readonly onClick: (event: MouseEvent, objectId: ObjectState['objectId']) => void;
  readonly onDragStart: () => void;
  readonly onDragOver: (over: boolean) => void;
  readonly onDrop: (event: DragEvent) => void;
}

export const ObjectRow = memo(function ObjectRow(props: ObjectRowProps): ReactElement {
  const { object, selected, chosen, tabStop, dropHere, onArrow, onClick } = props;
  const { objectId, name } = object;
  const [editing, setEditing] = useState(false);
  const visible = useStudioState((state) => isVisible(object, state.solo));
  const viewer = useStudioState(isViewer);
  const edit = () => setEditing(!viewer);
  if (editing) {
    return (
      <li className="object-row chosen editing">
        <ObjectForm object={object} onDone={() => setEditing(false)} />
      </li>
    );
  }
  const look = `${selected || chosen ? 'chosen' : ''} ${visible ? '' : 'faint'} ${dropHere ? 'drop-here' : ''}`;
  return (
    <li
      className={`object-row ${look}`}
      draggable={!viewer}
      onDragStart={props.onDragStart}
      onDragOver={(event) => {
        event.preventDefault();
        props.onDragOver(true);
      }}
      onDragLeave={() => props.onDragOver(false)}
      onDrop={props.onDrop}
    >
      <Swatch object={object} />
      <button
        type="button"
        className="object-main"
        aria-pressed={selected}
        tabIndex={tabStop ? 0 : -1}
        onClick={(event) => onClick(event, objectId)}
        onDoubleClick={edit}
        onKeyDown={(event) => {
          if (event.altKey) return;
          if (event.key === 'ArrowDown') onArrow(event, 1);
          else if (event.key === 'ArrowUp') onArrow(event, -1);
          else if (event.key === 'F2') edit();
        }}
      >
        <span className="object-number">{objectId}</span>
        <span className="object-name">{name}</span>
        <StateWord object={object} />
        <ConfidenceLine objectId={objectId} />
      </button>
      <Flags object={object} visible={visible} onEdit={edit} />
    </li>
  );
});

const STATE_WORDS: Readonly<Record<ObjectState['tracking'], MessageKey>> = {
  new: 'objects.stateNew',
  changed: 'objects.stateChanged',
  tracked: 'objects.stateTracked',
};

/** What state the object is in, and its class. */
function StateWord({ object: { objectId, tracking, className } }: { readonly object: ObjectState }): ReactElement {
  const t = useTranslate();
  const { sessions } = useStudio();
  const running = useStudioState(({ job }) => job?.objectIds.includes(objectId) === true);
  const tracked = useTrackedPercent(objectId);
  const absent = useStudioState(
    ({ playhead }) =>
      ((sessions.media?.lanes.get(objectId)?.states.at(playhead.frameIndex) ?? 0) & laneBits.absent) !== 0,
  );
  const state = running ? 'running' : absent && tracking !== 'changed' ? 'absent' : tracking;
  const word: MessageKey =
    state === 'running' ? 'objects.stateRunning' : state === 'absent' ? 'objects.stateAbsent' : STATE_WORDS[state];
  const percent = running ? (tracked ?? 0) : state === 'tracked' ? tracked : null;
  return (
    <span className={`state-word state-${state}`}>
      {t(word)}
      {percent !== null && percent < 100 && ` ${percent}%`}
      {className !== null && <span className="object-class"> · {className}</span>}
    </span>
  );
}

/** Lock, solo and eye: always there when they are in use, the rest while the row is pointed at. */
function Flags({
  object,
  visible,
  onEdit,
}: {
  readonly object: ObjectState;
  readonly visible: boolean;
  readonly onEdit: () => void;
}): ReactElement {
  const t = useTranslate();
  const { store, objects } = useStudio();
  const { objectId, hidden, locked } = object;
  const solo = useStudioState((state) => state.solo === objectId);
  const viewer = useStudioState(isViewer);
  const quiet = { size: 16, tabIndex: -1 };
  const edits = { ...quiet, disabled: viewer };
  return (
    <span className="row-actions">
      <IconButton icon="pencil" {...edits} label={t('objects.edit')} keys="F2" onClick={onEdit} />
      <span className={locked ? 'in-use' : ''}>
        <IconButton
          icon={locked ? 'lock' : 'lock-open'}
          {...edits}
          label={t(locked ? 'objects.unlock' : 'objects.lock')}
          keys={keyLabel('Shift+l', isMac)}
          pressed={locked}
          onClick={() => void objects.change([objectId], { locked: !locked })}
        />
      </span>
      <span className={solo ? 'in-use' : ''}>
        <IconButton
          icon="solo"
          {...quiet}
          label={t('objects.solo')}
          keys={keyLabel('Alt+h', isMac)}
          pressed={solo}
          onClick={() => store.patch({ solo: solo ? null : objectId })}
        />
      </span>
      <span className={hidden ? 'in-use' : ''}>
        <IconButton
          icon={visible ? 'eye' : 'eye-off'}
          {...edits}
          label={t(hidden ? 'objects.show' : 'objects.hide')}
          keys="H"
          pressed={hidden}
          onClick={() => void objects.change([objectId], { hidden: !hidden })}
        />
      </span>
    </span>
  );
}
