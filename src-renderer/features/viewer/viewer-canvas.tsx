import { type ReactElement, useEffect, useRef } from 'react';
import { posters } from '../../state/posters.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Viewport } from '../../viewport/viewport.ts';
import { ViewportInput } from '../../viewport/viewport-input.ts';
import { SceneMaker } from '../studio/scene-of.ts';

/** Mounts the viewport on a canvas and feeds it: state in, gestures out. */
export function ViewerCanvas(): ReactElement {
  const studio = useStudio();
  const t = useTranslate();
  const canvas = useRef<HTMLCanvasElement>(null);
  const sessionId = useStudioState((state) => state.session?.sessionId);
  const cursor = useStudioState(({ tool }) => tool);
  useEffect(() => {
    const { media } = studio.sessions;
    if (canvas.current === null || media === null || media.sessionId !== sessionId) return;
    return mountViewport(studio, canvas.current, media);
  }, [studio, sessionId]);
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

function mountViewport(
  { store, player, prompting, viewport: handle }: Studio,
  canvas: HTMLCanvasElement,
  media: NonNullable<Studio['sessions']['media']>,
): () => void {
  const stack = new DisposableStack();
  const scenes = new SceneMaker();
  const viewport = stack.use(
    new Viewport(canvas, {
      pictures: media.pictures,
      masks: media.masks,
      onShown: (shownFrame) => store.patch({ shownFrame }),
      onZoom: (zoomPercent) => store.patch({ zoomPercent }),
      neighbours: (frameIndex) => player.neighbours(frameIndex),
    }),
  );
  stack.use(
    new ViewportInput(viewport, media.masks, {
      addPoint: (point, include) => prompting.addPoint(point, include),
      addBox: (box) => prompting.addBox(box),
      movePrompt: (promptId, change) => prompting.movePrompt(promptId, change),
      selectObject: (selectedObject) => store.patch({ selectedObject }),
      selectPrompt: (selectedPrompt) => store.patch({ selectedPrompt }),
    }),
  );
  const update = () => {
    const scene = scenes.viewport(store.value);
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
  return () => stack.dispose();
}
