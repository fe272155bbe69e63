import type { ReactElement } from 'react';
import { useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

/** Walks the preview through the clip; the playhead stays where it is. */
export function FrameScrub({
  frameIndex,
  frameCount,
  onChange,
}: {
  readonly frameIndex: number;
  readonly frameCount: number;
  readonly onChange: (frameIndex: number) => void;
}): ReactElement {
  const t = useTranslate();
  const firstNumber = useStudioState((state) => state.settings.firstFrameNumber);
  const text = t('export.previewFrame', { frame: frameIndex + firstNumber });
  return (
    <label className="slider frame-scrub">
      <span className="only-read">{t('export.preview')}</span>
      <input
        type="range"
        min={0}
        max={frameCount - 1}
        value={frameIndex}
        aria-valuetext={text}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
      <output>{text}</output>
    </label>
  );
}
