import type { ReactElement } from 'react';
import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import { useCommand } from '../../commands/use-command.ts';
import { comparisonShown, correctedFrame, correctionShown } from '../../state/comparing.ts';
import { isBusy } from '../../state/edit-rules.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Tooltip } from '../../ui/tooltip.tsx';

/** Over the picture's foot: a correction that is waiting to be tracked or was taken back after that, then what it changed, to keep or revert. */
export function CompareBar(): ReactElement | null {
  const t = useTranslate();
  const comparison = useStudioState(comparisonShown);
  const pending = useStudioState(correctionShown);
  const idle = !useStudioState(isBusy);
  const name = useStudioState(({ session }) => {
    const shown = pending?.objectId ?? comparison?.objectId;
    return session?.state.objects.find(({ objectId }) => objectId === shown)?.name ?? '';
  });
  const before = useCommand('change-before');
  const after = useCommand('change-after');
  if (!idle) return null;
  if (pending?.takenBack) return <TakenBack name={name} canRevert={comparison?.objectId === pending.objectId} />;
  if (pending !== null) return <Pending objectId={pending.objectId} name={name} />;
  if (comparison === null) return null;
  return (
    <section className="compare-bar" aria-label={t('compare.title')}>
      <p>{t('compare.changed', { name, count: comparison.changedFrameCount })}</p>
      <IconButton icon="back" size={16} {...before} />
      <IconButton icon="forward" size={16} {...after} />
      <WipeButton />
      <CommandButton id="revert-changes" look="secondary" />
      <CommandButton id="keep-changes" look="primary" />
    </section>
  );
}

function Pending({ objectId, name }: { readonly objectId: ObjectId; readonly name: string }): ReactElement {
  const t = useTranslate();
  const frame = useStudioState((state) => correctedFrame(state, objectId) + state.settings.firstFrameNumber);
  return (
    <section className="compare-bar" aria-label={t('compare.title')}>
      <p>{t('compare.pending', { name, frame })}</p>
      <CommandButton id="retrack-back" look="secondary" />
      <CommandButton id="retrack-here" look="primary" />
    </section>
  );
}

/** Its masks answer to something that is not said any more. */
function TakenBack({ name, canRevert }: { readonly name: string; readonly canRevert: boolean }): ReactElement {
  const t = useTranslate();
  return (
    <section className="compare-bar" aria-label={t('compare.title')}>
      <p>{t('compare.takenBack', { name })}</p>
      {canRevert && <CommandButton id="revert-changes" look="secondary" />}
      <CommandButton id="track-both" look="primary" />
    </section>
  );
}

function WipeButton(): ReactElement {
  const { comparing } = useStudio();
  const t = useTranslate();
  const wipe = useStudioState((state) => state.wipe);
  const command = useCommand('compare');
  return (
    <>
      <IconButton icon="wipe" pressed={wipe !== null} {...command} />
      {wipe !== null && (
        <input
          className="wipe-slider"
          type="range"
          min={0}
          max={100}
          value={Math.round(wipe * 100)}
          aria-label={t('compare.line')}
          onChange={(event) => comparing.setWipe(event.target.valueAsNumber / 100)}
        />
      )}
    </>
  );
}

function CommandButton({ id, look }: { readonly id: string; readonly look: 'primary' | 'secondary' }): ReactElement {
  const { label, keys, disabled, onClick } = useCommand(id);
  const t = useTranslate();
  const short = {
    'keep-changes': 'compare.keep',
    'revert-changes': 'compare.revert',
    'retrack-back': 'compare.retrackBack',
    'retrack-here': 'compare.retrack',
    'track-both': 'transport.trackBoth',
  } as const;
  return (
    <Tooltip text={label} keys={keys}>
      <Button look={look} label={t(short[id as keyof typeof short])} disabled={disabled} onClick={onClick} />
    </Tooltip>
  );
}
