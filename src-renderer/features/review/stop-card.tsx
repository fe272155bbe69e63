import type { KeyboardEvent, ReactElement } from 'react';
import type { StopReason } from '../../../src-shared/domain/review.ts';
import { useCommand } from '../../commands/use-command.ts';
import { isViewer } from '../../state/edit-rules.ts';
import type { QueuedStop } from '../../state/reviewing.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import type { Translate } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Tooltip } from '../../ui/tooltip.tsx';

/** One stop: whose, where, why; at the current one, what can be said. */
export function StopCard({
  queued: { stop, objectName, said },
  current,
  tabStop,
  onArrow,
}: {
  readonly queued: QueuedStop;
  readonly current: boolean;
  readonly tabStop: boolean;
  readonly onArrow: (event: KeyboardEvent, by: number) => void;
}): ReactElement {
  const t = useTranslate();
  const { reviewing } = useStudio();
  const first = useStudioState((state) => state.settings.firstFrameNumber);
  const objects = useStudioState((state) => state.session?.state.objects);
  const colour = objects?.find(({ objectId }) => objectId === stop.objectId)?.colour;
  const nameOf = (id: number) => objects?.find(({ objectId }) => objectId === id)?.name ?? `#${id}`;
  return (
    <li className={`stop-card ${current ? 'chosen' : ''} said-${said}`}>
      <button
        type="button"
        className="stop-main"
        aria-current={current}
        tabIndex={tabStop ? 0 : -1}
        onClick={() => reviewing.visit(stop)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') onArrow(event, 1);
          else if (event.key === 'ArrowUp') onArrow(event, -1);
        }}
      >
        <span className="stop-head">
          <span className="swatch" style={{ background: colour }} />
          <span className="stop-name">{objectName}</span>
          <span className="stop-frame">{t('review.atFrame', { frame: stop.frameIndex + first })}</span>
          {said !== 'open' && <span className={`said-word said-${said}`}>{t(`review.said.${said}`)}</span>}
        </span>
        <span className="stop-reasons">
          {stop.reasons.length === 0
            ? t('review.reason.spot')
            : stop.reasons.map((reason) => reasonText(t, reason, nameOf)).join(' · ')}
        </span>
      </button>
      {current && <Decisions reasons={stop.reasons} nameOf={nameOf} objectName={objectName} />}
    </li>
  );
}

/** Accept, fix, absent, skip; where an object came back or two may have swapped, the question that this asks. */
function Decisions({
  reasons,
  nameOf,
  objectName,
}: {
  readonly reasons: readonly StopReason[];
  readonly nameOf: (id: number) => string;
  readonly objectName: string;
}): ReactElement {
  const t = useTranslate();
  const { identity } = useStudio();
  const viewer = useStudioState(isViewer);
  const fixing = useStudioState((state) => state.review.fixing !== null);
  const asked = reasons.find(({ kind }) => kind === 'returned' || kind === 'resembles' || kind === 'swap');
  return (
    <div className="stop-decisions">
      {fixing && <p className="stop-question">{t('review.fixing')}</p>}
      {!fixing && asked !== undefined && (
        <div className="stop-question">
          <p>{questionText(t, asked, nameOf, objectName)}</p>
          {asked.kind === 'swap' && (
            <Button label={t('review.showSwap')} disabled={viewer} onClick={() => void identity.begin('swap')} />
          )}
          {asked.kind === 'resembles' && (
            <Button label={t('review.same')} disabled={viewer} onClick={() => void identity.joinInto(asked.otherId)} />
          )}
          {asked.kind === 'returned' && (
            <Button label={t('review.new')} disabled={viewer} onClick={() => void identity.begin('split')} />
          )}
        </div>
      )}
      <div className="stop-buttons">
        <Decision
          id="review-accept"
          label={t(asked?.kind === 'returned' ? 'review.same' : 'review.accept')}
          look="primary"
        />
        <Decision id="review-reject" label={t('review.fix')} look="secondary" />
        <Decision id="identity-absent" label={t('review.absent')} look="secondary" />
        <Decision
          id="review-skip"
          label={t(asked?.kind === 'returned' ? 'review.notSure' : 'review.skip')}
          look="ghost"
        />
      </div>
    </div>
  );
}

function Decision({
  id,
  label,
  look,
}: {
  readonly id: string;
  readonly label: string;
  readonly look: 'primary' | 'secondary' | 'ghost';
}): ReactElement {
  const command = useCommand(id);
  return (
    <Tooltip text={command.label} keys={command.keys}>
      <button type="button" className={`button button-${look}`} disabled={command.disabled} onClick={command.onClick}>
        {label}
        <kbd>{command.keys}</kbd>
      </button>
    </Tooltip>
  );
}

function reasonText(t: Translate, reason: StopReason, nameOf: (id: number) => string): string {
  switch (reason.kind) {
    case 'presence':
    case 'visible':
    case 'confidence':
      return t(`review.reason.${reason.kind}`, { value: reason.value.toFixed(2) });
    case 'jump':
      return t('review.reason.jump', { percent: `${reason.ratio >= 1 ? '+' : '−'}${percentOf(reason.ratio)}` });
    case 'moved':
      return t('review.reason.moved', { value: reason.iou.toFixed(2) });
    case 'gone':
      return t('review.reason.gone');
    case 'returned':
      return t('review.reason.returned', { frames: reason.absentFrames });
    case 'resembles':
      return t('review.reason.resembles', { other: nameOf(reason.otherId) });
    case 'swap':
      return t('review.reason.swap', { other: nameOf(reason.otherId) });
  }
}

function questionText(t: Translate, reason: StopReason, nameOf: (id: number) => string, objectName: string): string {
  if (reason.kind === 'swap') return t('review.askSwap', { name: objectName, other: nameOf(reason.otherId) });
  const alike = 'likeness' in reason ? reason.likeness.toFixed(2) : '';
  const name = reason.kind === 'resembles' ? nameOf(reason.otherId) : objectName;
  return t('review.askSame', { name, likeness: alike });
}

function percentOf(ratio: number): number {
  return Math.round(Math.abs(ratio - 1) * 100);
}
