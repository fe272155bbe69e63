import { type ReactElement, useEffect, useRef } from 'react';
import type { SessionMedia } from '../../state/session-media.ts';
import type { Studio } from '../../state/studio.ts';
import { useMedia } from '../../state/use-media.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Timeline } from '../../timeline/timeline.ts';
import type { TimelineColours } from '../../timeline/timeline-scene.ts';
import type { Translate } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { SceneMaker } from '../studio/scene-of.ts';
import { LaneList } from './lane-list.tsx';

/** Mounts the timeline. For screen readers it is a slider over frames. */
export function TimelinePanel(): ReactElement {
  const studio = useStudio();
  const t = useTranslate();
  const canvas = useRef<HTMLCanvasElement>(null);
  const media = useMedia();
  const frame = useStudioState((state) => state.playhead.frameIndex + state.settings.firstFrameNumber);
  const first = useStudioState((state) => state.settings.firstFrameNumber);
  const last = useStudioState((state) => (state.session?.state.video.frameCount ?? 1) - 1);
  useEffect(() => {
    if (canvas.current === null || media === null) return;
    return mountTimeline(studio, canvas.current, media, t);
  }, [studio, media, t]);
  return (
    <div className="timeline">
      <canvas
        ref={canvas}
        className="timeline-canvas"
        tabIndex={0}
        role="slider"
        aria-label={t('timeline.title')}
        aria-valuemin={first}
        aria-valuemax={last + first}
        aria-valuenow={frame}
        aria-valuetext={t('timeline.frame', { frame, last: last + first })}
        data-testid="timeline"
      />
      <LaneList />
    </div>
  );
}

function mountTimeline(
  { store, player, timeline: handle }: Studio,
  canvas: HTMLCanvasElement,
  media: SessionMedia,
  t: Translate,
): () => void {
  const stack = new DisposableStack();
  const scenes = new SceneMaker();
  let colours: TimelineColours | null = null;
  const timeline = stack.use(
    new Timeline(canvas, {
      lanes: media.lanes,
      thumbnails: media.thumbnails,
      waveform: media.waveform,
      actions: {
        seek: (frameIndex) => player.seek(frameIndex),
        selectObject: (selectedObject) => store.patch({ selectedObject, selectedPrompt: null }),
        selectPrompt: (selectedPrompt, selectedObject, frameIndex) => {
          store.patch({ selectedObject, selectedPrompt });
          player.seek(frameIndex);
        },
        setMarks: (marks) => store.patch({ marks }),
        unfold: (lanesUnfolded) => store.patch({ lanesUnfolded }),
      },
    }),
  );
  const update = () => {
    const scene = colours === null ? null : scenes.timeline(store.value, colours, t);
    if (scene !== null) timeline.setScene(scene);
  };
  const readAgain = () => {
    colours = readColours(canvas);
    update();
  };
  const themes = new MutationObserver(readAgain);
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  stack.defer(() => themes.disconnect());
  stack.defer(handle.attach(timeline));
  stack.defer(store.subscribe(update));
  stack.defer(media.subscribe(() => timeline.repaint()));
  // Colours are read when the page is styled anyway: now, the whole screen that is being mounted would be styled in the same task.
  const beginning = requestAnimationFrame(readAgain);
  stack.defer(() => cancelAnimationFrame(beginning));
  return () => stack.dispose();
}

function readColours(element: HTMLElement): TimelineColours {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    ground: read('--panel'),
    raised: read('--raised'),
    line: read('--line'),
    text: read('--text'),
    muted: read('--muted'),
    accent: read('--accent'),
    warning: read('--warning'),
    danger: read('--danger'),
    selection: read('--selection'),
  };
}
