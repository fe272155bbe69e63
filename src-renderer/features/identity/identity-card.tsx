import { type KeyboardEvent, type ReactElement, useEffect, useRef } from 'react';
import type { IdentityChange } from '../../../src-shared/contract/identity.ts';
import { type FrameIndex, objectId as toObjectId } from '../../../src-shared/domain/ids.ts';
import type { IdentityPreview } from '../../state/review-state.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import type { Translate } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

/** What a change of who is who would do; the lanes show it meanwhile. Enter makes it, Escape puts it away. */
export function IdentityCard(): ReactElement | null {
  const preview = useStudioState((state) => state.identity);
  return preview === null ? null : <Card key={preview.change.kind} preview={preview} />;
}

function Card({ preview: { change, plan, problem } }: { readonly preview: IdentityPreview }): ReactElement {
  const t = useTranslate();
  const { identity } = useStudio();
  const card = useRef<HTMLElement>(null);
  // The person can go on by keyboard at once: with what there is to choose, else with the answer.
  useEffect(() => card.current?.querySelector<HTMLElement>('select, input, .button-primary')?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') identity.cancel();
    else if (event.key === 'Enter' && !(event.target instanceof HTMLButtonElement)) void identity.commit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section ref={card} className="identity-card" aria-label={t(`identity.${change.kind}`)} onKeyDown={onKeyDown}>
      <h2>{t(`identity.${change.kind}`)}</h2>
      <Choices change={change} />
      <p className="identity-effect" role="status">
        {problem ??
          (plan === null
            ? t('identity.thinking')
            : t('identity.effect', { masks: plan.masks, moved: plan.promptsMoved, dropped: plan.promptsDropped }))}
      </p>
      <p className="field-help">{t(`identity.help.${change.kind}`)}</p>
      <div className="identity-buttons">
        <Button
          look="primary"
          label={t('identity.commit')}
          disabled={plan === null}
          onClick={() => void identity.commit()}
        />
        <Button look="ghost" label={t('identity.cancel')} onClick={() => identity.cancel()} />
      </div>
    </section>
  );
}

function Choices({ change }: { readonly change: IdentityChange }): ReactElement {
  const t = useTranslate();
  const { identity } = useStudio();
  const shift = useStudioState((state) => state.settings.firstFrameNumber);
  const last = useStudioState((state) => (state.session?.state.video.frameCount ?? 1) - 1);
  const frame = (label: string, value: number, take: (frame: FrameIndex) => IdentityChange) => (
    <label className="identity-field">
      <span>{label}</span>
      <input
        type="number"
        min={shift}
        max={last + shift}
        value={value + shift}
        onChange={(event) => {
          const wanted = Math.min(last, Math.max(0, Math.round(event.target.valueAsNumber) - shift));
          if (Number.isFinite(wanted)) void identity.change(take(wanted as FrameIndex));
        }}
      />
    </label>
  );
  return (
    <div className="identity-fields">
      {'otherId' in change && <OtherObject change={change} />}
      {change.kind === 'split' &&
        frame(t('identity.from'), change.frameIndex, (frameIndex) => ({ ...change, frameIndex }))}
      {'first' in change && frame(t('identity.from'), change.first, (first) => ({ ...change, first }))}
      {'first' in change && frame(t('identity.to'), change.last ?? last, (to) => ({ ...change, last: to }))}
    </div>
  );
}

function OtherObject({ change }: { readonly change: Extract<IdentityChange, { otherId: unknown }> }): ReactElement {
  const t = useTranslate();
  const { identity } = useStudio();
  const objects = useStudioState((state) => state.session?.state.objects);
  const others = (objects ?? []).filter(({ objectId }) => objectId !== change.objectId);
  return (
    <label className="identity-field">
      <span>{t(otherLabel(change))}</span>
      <select
        value={String(change.otherId ?? '')}
        onChange={(event) => {
          const id = event.target.value === '' ? null : toObjectId(Number(event.target.value));
          if (change.kind === 'reassign') void identity.change({ ...change, otherId: id });
          else if (id !== null) void identity.change({ ...change, otherId: id });
        }}
      >
        {change.kind === 'reassign' && <option value="">{t('identity.newObject')}</option>}
        {others.map(({ objectId, name }) => (
          <option key={objectId} value={objectId}>
            {objectId} {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function otherLabel({ kind }: IdentityChange): Parameters<Translate>[0] {
  return kind === 'join' ? 'identity.joins' : kind === 'swap' ? 'identity.with' : 'identity.goesTo';
}
