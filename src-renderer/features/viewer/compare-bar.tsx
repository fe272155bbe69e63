import type { ReactElement } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import { comparisonShown } from '../../state/comparing.ts';
import { isBusy } from '../../state/edit-rules.ts';
import type { StudioState } from '../../state/studio-state.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Tooltip } from '../../ui/tooltip.tsx';

/** Over the picture's foot: a correction that is waiting to be tracked, then what it changed, to keep or revert. */
export function CompareBar(): ReactElement | null {
  const t = useTranslate();
  const comparison = useStudioState(comparisonShown);
  const pending = useStudioState(pendingCorrection);
  const idle = !useStudioState(isBusy);
  const name = useStudioState(({ session }) => {
    const shown = pending?.objectId ?? comparison?.objectId;
    return session?.state.objects.find(({ objectId }) => objectId === shown)?.name ?? '';
  });
  const before = useCommand('change-before');
  const after = useCommand('change-after');
  if (!idle) return null;
  if (pending !== null) return <Pending name={name} />;
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

function Pending({ name }: { readonly name: string }): ReactElement {
  const t = useTranslate();
  return (
    <section className="compare-bar" aria-label={t('compare.title')}>
      <p>{t('compare.pending', { name })}</p>
      <CommandButton id="retrack-back" look="secondary" />
      <CommandButton id="retrack-here" look="primary" />
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
  } as const;
  return (
    <Tooltip text={label} keys={keys}>
      <Button look={look} label={t(short[id as keyof typeof short])} disabled={disabled} onClick={onClick} />
    </Tooltip>
  );
}

/** A changed object that is corrected on this frame and has been tracked before. */
function pendingCorrection({ session, selectedObject }: StudioState) {
  const object = session?.state.objects.find(({ objectId }) => objectId === selectedObject);
  return object?.tracking === 'changed' ? object : null;
}
