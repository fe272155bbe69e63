import type { ReactElement } from 'react';
import {
  type RenderLook,
  type RenderOption,
  type RenderStyleName,
  renderDefaults,
  renderOptions,
} from '../../../src-shared/contract/render-look.ts';
import { Choice, Slider } from '../../ui/choice.tsx';
import type { MessageKey } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

type ChangeLook = (change: Partial<RenderLook>) => void;

/** What can be said about a style; nothing that it does not take is shown. */
export function StyleOptions({
  look,
  onChange,
}: {
  readonly look: RenderLook;
  readonly onChange: ChangeLook;
}): ReactElement {
  const t = useTranslate();
  const takes = (option: RenderOption) => renderOptions[look.style].includes(option);
  return (
    <>
      <p className="field-help export-what">{t(`style.${look.style}Help`)}</p>
      {takes('colour') && <ColourChoice look={look} onChange={onChange} />}
      {takes('strength') && (
        <Slider
          label={t(strengthLabel(look.style))}
          min={0}
          max={100}
          step={1}
          value={Math.round(100 * (look.strength ?? renderDefaults.strength[look.style] ?? 1))}
          text={`${Math.round(100 * (look.strength ?? renderDefaults.strength[look.style] ?? 1))} %`}
          onChange={(percent) => onChange({ strength: percent / 100 })}
        />
      )}
      <LengthOptions look={look} onChange={onChange} />
      {takes('labels') && (
        <label className="check">
          <input
            type="checkbox"
            checked={look.labels ?? true}
            onChange={(event) => onChange({ labels: event.target.checked })}
          />
          <span>{t('export.labels')}</span>
        </label>
      )}
    </>
  );
}

interface LengthOption {
  readonly option: 'dilate' | 'hold' | 'certainty' | 'tail';
  readonly max: number;
  readonly step: number;
  readonly usual: (style: RenderStyleName) => number;
}
const LENGTHS: readonly LengthOption[] = [
  { option: 'dilate', max: 40, step: 1, usual: (style) => renderDefaults.dilate[style] ?? 0 },
  { option: 'hold', max: 60, step: 1, usual: () => renderDefaults.hold },
  { option: 'certainty', max: 1, step: 0.05, usual: () => renderDefaults.certainty },
  { option: 'tail', max: 120, step: 1, usual: () => renderDefaults.tail },
];

function LengthOptions({ look, onChange }: { readonly look: RenderLook; readonly onChange: ChangeLook }) {
  const t = useTranslate();
  return LENGTHS.filter(({ option }) => renderOptions[look.style].includes(option)).map(
    ({ option, max, step, usual }) => {
      const value = look[option] ?? usual(look.style);
      return (
        <Slider
          key={option}
          label={t(`export.${option}`)}
          min={option === 'tail' ? 1 : 0}
          max={max}
          step={step}
          value={value}
          text={t(`export.${option}Value`, { value })}
          onChange={(next) => onChange({ [option]: next })}
        />
      );
    },
  );
}

function strengthLabel(style: RenderStyleName): MessageKey {
  if (style === 'blur' || style === 'pixelate') return 'export.coarseness';
  if (style === 'spotlight') return 'export.darkness';
  return style === 'desaturate' ? 'export.greyness' : 'export.opacity';
}

type ColourKind = 'own' | 'green' | 'dark' | 'alpha' | 'colour';

/** What a person can choose from, by style; a colour of one's own is always among it. */
function colourKinds(style: RenderStyleName): readonly ColourKind[] {
  if (style === 'cutout') return ['green', 'alpha', 'colour'];
  return style === 'redact' ? ['dark', 'colour'] : ['own', 'colour'];
}

function ColourChoice({ look, onChange }: { readonly look: RenderLook; readonly onChange: ChangeLook }): ReactElement {
  const t = useTranslate();
  const kinds = colourKinds(look.style);
  const kind: ColourKind = look.colour === null ? kinds[0] : look.colour === 'alpha' ? 'alpha' : 'colour';
  const own = kind === 'colour' ? (look.colour ?? '') : '#3880f3';
  const colourOf = (chosen: ColourKind) => (chosen === 'alpha' ? 'alpha' : chosen === 'colour' ? own : null);
  return (
    <div className="colour-row">
      <Choice
        label={t(look.style === 'cutout' ? 'export.background' : 'export.colour')}
        value={kind}
        onChange={(chosen) => onChange({ colour: colourOf(chosen) })}
        options={kinds.map((value) => ({ value, label: t(`export.colour.${value}`) }))}
      />
      {kind === 'colour' && (
        <input
          type="color"
          aria-label={t('export.colour')}
          value={own}
          onChange={(event) => onChange({ colour: event.target.value })}
        />
      )}
    </div>
  );
}
