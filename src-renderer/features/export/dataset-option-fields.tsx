import type { ReactElement } from 'react';
import type { DatasetShape } from '../../../src-shared/contract/dataset-schemas.ts';
import type { DatasetFormatFacts, SessionState } from '../../../src-shared/contract/results.ts';
import { Slider } from '../../ui/choice.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Select } from '../../ui/select.tsx';
import { type DatasetForm, usualClass, writesPolygons } from './dataset-form.ts';

interface FieldsProps {
  readonly form: DatasetForm;
  readonly chosen: readonly DatasetFormatFacts[];
  readonly session: SessionState;
  readonly onChange: (change: Partial<DatasetForm>) => void;
}

/** One form for every chosen layout; what none of them has is not shown. */
export function DatasetOptionFields(props: FieldsProps): ReactElement {
  const t = useTranslate();
  const { form, chosen, onChange } = props;
  return (
    <>
      <ClassFields {...props} />
      <label className="number-row">
        <span className="field-label">{t('export.step')}</span>
        <span className="field small">
          <input
            type="number"
            min={1}
            max={10_000}
            value={form.step}
            onChange={(event) => onChange({ step: Math.max(1, Math.round(event.target.valueAsNumber || 1)) })}
          />
        </span>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={form.onlyReviewed}
          onChange={(event) => onChange({ onlyReviewed: event.target.checked })}
        />
        <span>{t('export.onlyReviewed')}</span>
      </label>
      <ShapeFields {...props} />
      {chosen.some(({ splits }) => splits) && (
        <Slider
          label={t('export.split')}
          min={0}
          max={50}
          step={5}
          value={form.valPercent}
          text={form.valPercent === 0 ? t('export.splitNone') : `${form.valPercent} %`}
          onChange={(valPercent) => onChange({ valPercent })}
        />
      )}
      {chosen.some(({ pictures }) => pictures !== null) && (
        <Select
          label={t('export.images')}
          value={form.images}
          onChange={(images) => onChange({ images })}
          options={(['usual', 'none', 'jpg', 'png'] as const).map((value) => ({
            value,
            label: t(`export.images.${value}`),
          }))}
        />
      )}
    </>
  );
}

function ClassFields({ form, session, onChange }: FieldsProps): ReactElement {
  const t = useTranslate();
  return (
    <fieldset className="class-map">
      <legend className="field-label">{t('export.classes')}</legend>
      <div className="class-grid">
        {session.objects.map((object) => (
          <label key={object.objectId} className="class-row">
            <span className="swatch" style={{ background: object.colour }} />
            <span className="class-name">{object.name === '' ? `#${object.objectId}` : object.name}</span>
            <span className="field small">
              <input
                aria-label={t('export.classOf', { object: object.name })}
                placeholder={usualClass(object, session.concepts)}
                value={form.classes.get(object.objectId) ?? ''}
                onChange={(event) =>
                  onChange({ classes: new Map(form.classes).set(object.objectId, event.target.value) })
                }
              />
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

const SHAPES: readonly DatasetShape[] = ['mask', 'polygon', 'box'];

function ShapeFields({ form, chosen, onChange }: FieldsProps): ReactElement {
  const t = useTranslate();
  const shapes = SHAPES.filter((shape) =>
    chosen.some((facts) => facts.shapes.length > 1 && facts.shapes.includes(shape)),
  );
  return (
    <>
      {shapes.length > 1 && (
        <Select
          label={t('export.shape')}
          value={form.shape}
          onChange={(shape) => onChange({ shape })}
          options={(['usual', ...shapes] as const).map((value) => ({ value, label: t(`export.shape.${value}`) }))}
        />
      )}
      {writesPolygons(form, chosen) && (
        <Slider
          label={t('export.tolerance')}
          min={0}
          max={10}
          step={0.5}
          value={form.tolerance}
          text={t('export.toleranceValue', { value: form.tolerance })}
          onChange={(tolerance) => onChange({ tolerance })}
        />
      )}
      <Select
        label={t('export.overlap')}
        value={form.overlap}
        onChange={(overlap) => onChange({ overlap })}
        options={(['usual', 'keep', 'score', 'topmost'] as const).map((value) => ({
          value,
          label: t(`export.overlap.${value}`),
        }))}
      />
    </>
  );
}
