import { type ReactElement, useEffect, useRef, useState } from 'react';
import type { RenderLook } from '../../../src-shared/contract/render-look.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { sentenceOf } from '../../state/notices.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

const SETTLE_MILLIS = 120;

/** One frame exactly as the video will have it, made by the code that renders; follows every option. */
export function StillPreview({
  look,
  frameIndex,
}: {
  readonly look: RenderLook;
  readonly frameIndex: number;
}): ReactElement {
  const t = useTranslate();
  const { exporting } = useStudio();
  const language = useStudioState(({ settings }) => settings.language);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [state, setState] = useState<'working' | 'shown' | StudioError>('working');
  // The look is made anew with every drawing of the sheet; its content is what counts.
  const wish = JSON.stringify(look);
  useEffect(() => {
    const stop = new AbortController();
    const draw = async () => {
      try {
        const { width, height, pixels } = await exporting.still(JSON.parse(wish), frameIndex, stop.signal);
        if (stop.signal.aborted || canvas.current === null) return;
        Object.assign(canvas.current, { width, height });
        canvas.current.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
        setState('shown');
      } catch (error) {
        if (!stop.signal.aborted) setState(StudioError.from(error));
      }
    };
    setState('working');
    const timer = setTimeout(() => void draw(), SETTLE_MILLIS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [exporting, wish, frameIndex]);
  return (
    <div className="still" data-state={typeof state === 'string' ? state : 'problem'}>
      <canvas
        ref={canvas}
        className="still-picture"
        width={16}
        height={9}
        aria-label={t('export.preview')}
        role="img"
      />
      {typeof state !== 'string' && <p className="inline-note">{sentenceOf(state, language)}</p>}
    </div>
  );
}
