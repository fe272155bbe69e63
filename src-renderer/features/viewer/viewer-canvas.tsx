import { type ReactElement, useEffect, useRef } from 'react';
import type { PromptId } from '../../../src-shared/domain/ids.ts';
import { resizeBrush } from '../../commands/tool-commands.ts';
import { KeptViews } from '../../state/kept-views.ts';
import { posters } from '../../state/posters.ts';
import type { SessionMedia } from '../../state/session-media.ts';
import type { StudioState } from '../../state/studio-state.ts';
import { useMedia } from '../../state/use-media.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import type { Translate } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Viewport } from '../../viewport/viewport.ts';
import { ViewportInput } from '../../viewport/viewport-input.ts';
import { SceneMaker } from '../studio/scene-of.ts';

/** Mounts the viewport on a canvas and feeds it: state in, gestures out. */
export function ViewerCanvas(): ReactElement {
  const studio = useStudio();
  const t = useTranslate();
  const canvas = useRef<HTMLCanvasElement>(null);
  const media = useMedia();
  const cursor = useStudioState(({ tool }) => tool);
  useEffect(() => {
    if (canvas.current === null || media === null) return;
    return mountViewport(studio, canvas.current, media, t);
  }, [studio, media, t]);
  return (
    <canvas
      ref={canvas}
      className={`viewer-canvas cursor-${cursor}`}
      tabIndex={0}
      role="img"
      aria-label={t('viewer.canvas')}
      data-testid="viewer"
    />
  );
}

type Studio = ReturnType<typeof useStudio>;

function mountViewport(studio: Studio, canvas: HTMLCanvasElement, media: SessionMedia, t: Translate): () => void {
  const { store, player, prompting, concepts, comparing, preview, viewport: handle } = studio;
  const stack = new DisposableStack();
  const scenes = new SceneMaker();
  const views = new KeptViews(store.value.session?.state.sessionPath ?? '');
  const viewport = stack.use(
    new Viewport(canvas, {
      pictures: media.pictures,
      proxies: media.proxies,
      masks: media.masks,
      earlier: media.earlier,
      thumbnails: media.thumbnails,
      onShown: (shownFrame, isRough) => store.patch({ shownFrame, roughFrame: isRough }),
      onView: (view) => views.keep(view),
      onZoom: (zoomPercent) => store.patch({ zoomPercent }),
      wishes: (frameIndex, pictures) => player.wishes(frameIndex, pictures),
    }),
  );
  stack.use(
    new ViewportInput(viewport, media.masks, {
      addPoint: (point, include, frameIndex) => prompting.addPoint(point, include, frameIndex),
      addBox: (box, frameIndex) => prompting.addBox(box, frameIndex),
      movePrompt: (promptId, change) => prompting.movePrompt(promptId, change),
      selectObject: (selectedObject) => store.patch({ selectedObject }),
      selectPrompt: (promptId) => store.patch(promptChoice(store.value, promptId)),
      addMask: (objectId, frameIndex, mask) => prompting.addMask(objectId, frameIndex, mask),
      addExample: (box, include, frameIndex) => void concepts.addExample(box, include, frameIndex),
      setWipe: (share) => comparing.setWipe(share),
      hover: (point) => preview.hover(point),
      overMarker: (overMarker) => store.patch({ overMarker }),
      resizeBrush: (factor) => resizeBrush(studio, factor),
      takeView: () => store.patch({ follow: false }),
    }),
  );
  const update = () => {
    const scene = scenes.viewport(store.value, t);
    if (scene !== null) viewport.setScene(scene);
  };
  stack.defer(store.subscribe(update));
  stack.defer(media.subscribe(() => viewport.repaint()));
  stack.defer(handle.attach(viewport));
  const sessionPath = store.value.session?.state.sessionPath;
  const keepPoster = () => {
    if (sessionPath !== undefined && viewport.shownFrame !== null)
      posters.keep(sessionPath, canvas, viewport.pictureRect);
  };
  addEventListener('pagehide', keepPoster);
  stack.defer(() => removeEventListener('pagehide', keepPoster));
  stack.defer(keepPoster);
  update();
  const kept = views.read();
  if (kept !== null) viewport.restore(kept);
  return () => stack.dispose();
}

/** What is done next to a picked-up prompt is about its object. */
function promptChoice({ session }: StudioState, promptId: PromptId | null): Partial<StudioState> {
  const prompt = session?.state.prompts.find((each) => each.promptId === promptId)?.prompt;
  const about = prompt !== undefined && 'objectId' in prompt ? { selectedObject: prompt.objectId } : {};
  return { selectedPrompt: promptId, ...about };
}
