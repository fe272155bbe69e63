import { type ReactElement, useState } from 'react';
import type { ObjectState, SessionState } from '../../../src-shared/contract/results.ts';
import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import type { ExportRange } from '../../state/export-output.ts';
import type { Marks } from '../../state/studio-state.ts';
import { useStudioState } from '../../state/use-studio.ts';
import { Choice } from '../../ui/choice.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

const WHOLE: ExportRange = { first: null, last: null };

/** Which part of the clip and which objects an export is about. */
export interface Scope {
  readonly range: ExportRange;
  readonly frames: number;
  /** null: all of them. */
  readonly objectIds: readonly ObjectId[] | null;
}

interface ScopeForm extends Scope {
  readonly marks: Marks | null;
  readonly onlyMarks: boolean;
  readonly objects: readonly ObjectState[];
  readonly left: ReadonlySet<ObjectId>;
  setOnlyMarks(only: boolean): void;
  toggle(objectId: ObjectId): void;
}

/** In and out marks count when there are any; at least one object stays. */
export function useScope({ objects, video }: SessionState): ScopeForm {
  const set = useStudioState((state) => state.marks);
  const marks = set.first === null && set.last === null ? null : set;
  const [onlyMarks, setOnlyMarks] = useState(true);
  const [left, setLeft] = useState<ReadonlySet<ObjectId>>(new Set());
  const range = marks !== null && onlyMarks ? marks : WHOLE;
  const kept = objects.filter(({ objectId }) => !left.has(objectId));
  return {
    range,
    frames: (range.last ?? video.frameCount - 1) - (range.first ?? 0) + 1,
    objectIds: kept.length === objects.length || kept.length === 0 ? null : kept.map(({ objectId }) => objectId),
    marks,
    onlyMarks,
    objects,
    left,
    setOnlyMarks,
    toggle: (objectId) => {
      const next = new Set(left);
      if (!next.delete(objectId)) next.add(objectId);
      if (objects.some((object) => !next.has(object.objectId))) setLeft(next);
    },
  };
}

export function ScopeFields({ scope }: { readonly scope: ScopeForm }): ReactElement {
  const t = useTranslate();
  const { marks, onlyMarks, objects, left } = scope;
  return (
    <>
      {marks !== null && (
        <Choice
          label={t('export.range')}
          value={onlyMarks ? 'marks' : 'whole'}
          onChange={(value) => scope.setOnlyMarks(value === 'marks')}
          options={[
            { value: 'marks', label: t('export.rangeMarks', { frames: scope.frames }) },
            { value: 'whole', label: t('export.rangeWhole') },
          ]}
        />
      )}
      {objects.length > 1 && (
        <fieldset className="object-chips">
          <legend className="field-label">{t('export.objects')}</legend>
          <div className="chip-row">
            {objects.map(({ objectId, name, colour }) => (
              <label key={objectId} className={`object-chip ${left.has(objectId) ? 'off' : ''}`}>
                <input
                  type="checkbox"
                  className="only-read"
                  checked={!left.has(objectId)}
                  onChange={() => scope.toggle(objectId)}
                />
                <span className="swatch" style={{ background: colour }} />
                <span>{name === '' ? `#${objectId}` : name}</span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
    </>
  );
}
