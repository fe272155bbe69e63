import type { ReactElement } from 'react';
import type { DatasetFormatName } from '../../../src-shared/contract/dataset-schemas.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { DATASET_NAMES } from './dataset-names.ts';

type FormatGroup = 'masks' | 'training' | 'tools';

/** What people take them for. */
const GROUPS: Readonly<Record<FormatGroup, readonly DatasetFormatName[]>> = {
  training: ['coco', 'youtube-vis', 'yolo-seg', 'yolo-box', 'sam3-train', 'labelme'],
  masks: ['png', 'davis', 'youtube-vos', 'sa-v', 'mots-png', 'mots-txt'],
  tools: ['csv', 'mot', 'cvat-video', 'label-studio'],
};
const GROUP_NAMES = Object.keys(GROUPS) as FormatGroup[];

/** Every layout; as many as wanted. */
export function FormatList({
  chosen,
  onToggle,
}: {
  readonly chosen: ReadonlySet<DatasetFormatName>;
  readonly onToggle: (format: DatasetFormatName) => void;
}): ReactElement {
  const t = useTranslate();
  return (
    <fieldset className="format-list">
      <legend className="only-read">{t('export.format')}</legend>
      {GROUP_NAMES.map((group) => (
        <div key={group} className="style-group">
          <h3>{t(`export.formats.${group}`)}</h3>
          {GROUPS[group].map((format) => (
            <label key={format} className={`format-row ${chosen.has(format) ? 'chosen' : ''}`}>
              <input type="checkbox" checked={chosen.has(format)} onChange={() => onToggle(format)} />
              <span>
                <strong>{DATASET_NAMES[format]}</strong>
                <span className="field-help">{t(`format.${format}`)}</span>
              </span>
            </label>
          ))}
        </div>
      ))}
    </fieldset>
  );
}
