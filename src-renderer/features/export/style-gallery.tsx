import type { ReactElement } from 'react';
import type { RenderStyleName } from '../../../src-shared/contract/render-look.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { STYLE_GROUPS, STYLE_TILES, type StyleGroup } from './style-tiles.ts';

const GROUPS = Object.keys(STYLE_GROUPS) as StyleGroup[];

/** Every style as a picture. One radio group: Tab reaches it, arrows walk through it. */
export function StyleGallery({
  style,
  onChange,
}: {
  readonly style: RenderStyleName;
  readonly onChange: (style: RenderStyleName) => void;
}): ReactElement {
  const t = useTranslate();
  return (
    <fieldset className="style-gallery">
      <legend className="only-read">{t('export.style')}</legend>
      {GROUPS.map((group) => (
        <div key={group} className="style-group">
          <h3>{t(`export.group.${group}`)}</h3>
          <div className="style-grid">
            {STYLE_GROUPS[group].map((each) => (
              <label key={each} className={`style-tile ${each === style ? 'chosen' : ''}`}>
                <input
                  type="radio"
                  name="export-style"
                  className="only-read"
                  checked={each === style}
                  onChange={() => onChange(each)}
                />
                <img src={STYLE_TILES[each]} alt="" width={106} height={60} />
                <span>{t(`style.${each}`)}</span>
              </label>
            ))}
          </div>
        </div>
      ))}
    </fieldset>
  );
}
