import type { ReactElement } from 'react';
import type { FrameMask, PromptState } from '../../../src-shared/contract/results.ts';
import { confidenceOf } from '../../../src-shared/domain/lane.ts';
import { maskArea } from '../../../src-shared/mask/rle.ts';
import { formatSecs, ticksToSecs } from '../../../src-shared/time/timebase.ts';
import { isViewer } from '../../state/edit-rules.ts';
import { useMediaValue } from '../../state/use-media.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { IdentityCard } from '../identity/identity-card.tsx';
import { IdentityTools } from '../identity/identity-tools.tsx';
import { ReviewPanel } from '../review/review-panel.tsx';
import { InspectorTabs } from './inspector-tabs.tsx';

/** Facts about what is selected and about the frame on screen. */
export function Inspector(): ReactElement {
  const t = useTranslate();
  return (
    <aside className="inspector" data-panel="details" aria-label={t('inspector.title')}>
      <InspectorTabs />
      <IdentityCard />
      <TabContent />
    </aside>
  );
}

function TabContent(): ReactElement {
  const tab = useStudioState((state) => state.inspectorTab);
  if (tab === 'review') return <ReviewPanel />;
  return (
    <div role="tabpanel" aria-labelledby={`tab-${tab}`}>
      {tab === 'object' ? (
        <>
          <ObjectFacts />
          <IdentityTools />
          <PromptList />
        </>
      ) : (
        <FrameFacts />
      )}
    </div>
  );
}

const NO_PROMPTS: readonly PromptState[] = [];

function ObjectFacts(): ReactElement {
  const t = useTranslate();
  const object = useStudioState(
    ({ session, selectedObject }) => session?.state.objects.find(({ objectId }) => objectId === selectedObject) ?? null,
  );
  const mask = useShownMask();
  if (object === null) {
    return (
      <section className="panel-section">
        <header className="panel-head">
          <h2>{t('inspector.object')}</h2>
        </header>
        <p className="field-help">{t('inspector.nothing')}</p>
      </section>
    );
  }
  return (
    <section className="panel-section">
      <header className="panel-head">
        <span className="swatch" style={{ background: object.colour }} />
        <h2>{object.name}</h2>
        <span className="count">#{object.objectId}</span>
      </header>
      <dl className="facts">
        <dt>{t('inspector.here')}</dt>
        <dd>
          {t(mask === null ? 'inspector.untracked' : mask.mask === null ? 'inspector.absent' : 'inspector.present')}
        </dd>
        {mask?.mask != null && <MaskFacts mask={mask} />}
      </dl>
    </section>
  );
}

function MaskFacts({ mask }: { readonly mask: FrameMask }): ReactElement {
  const t = useTranslate();
  const confidence = confidenceOf(mask.scores);
  const area = mask.mask === null ? 0 : maskArea(mask.mask);
  const { detection, objectScoreLogit } = mask.scores;
  return (
    <>
      {confidence !== null && (
        <>
          <dt>{t('inspector.confidence')}</dt>
          <dd>
            <meter
              min={0}
              max={1}
              low={0.55}
              high={0.8}
              optimum={1}
              value={confidence}
              aria-label={t('inspector.confidence')}
            />
            {confidence.toFixed(2)}
          </dd>
        </>
      )}
      {objectScoreLogit !== null && (
        <>
          <dt>{t('inspector.visible')}</dt>
          <dd>{(1 / (1 + Math.exp(-objectScoreLogit))).toFixed(2)}</dd>
        </>
      )}
      {detection !== null && (
        <>
          <dt>{t('inspector.detection')}</dt>
          <dd>{detection.toFixed(2)}</dd>
        </>
      )}
      <dt>{t('inspector.area')}</dt>
      <dd>{t('inspector.pixels', { count: area })}</dd>
      <dt>{t('inspector.source')}</dt>
      <dd>{t(`inspector.source.${mask.source}`)}</dd>
    </>
  );
}

/** The selected object's mask on the frame on screen; null: not tracked there. */
function useShownMask(): FrameMask | null {
  const { store } = useStudio();
  const objectId = useStudioState((state) => state.selectedObject);
  return useMediaValue((media) => {
    const masks = media?.masks.get(store.value.playhead.frameIndex);
    return masks?.find((mask) => mask.objectId === objectId) ?? null;
  });
}

function PromptList(): ReactElement | null {
  const t = useTranslate();
  const { store, player, prompting } = useStudio();
  const prompts = useStudioState((state) => state.session?.state.prompts ?? NO_PROMPTS);
  const selectedObject = useStudioState((state) => state.selectedObject);
  const selectedPrompt = useStudioState((state) => state.selectedPrompt);
  const viewer = useStudioState(isViewer);
  const first = useStudioState((state) => state.settings.firstFrameNumber);
  const own = prompts.filter(({ prompt }) => 'objectId' in prompt && prompt.objectId === selectedObject);
  if (own.length === 0) return null;
  return (
    <section className="panel-section">
      <header className="panel-head">
        <h2>{t('inspector.prompts')}</h2>
        <span className="count">{own.length}</span>
      </header>
      <ul className="prompt-list">
        {own.map(({ promptId, prompt }) => (
          <li key={promptId} className={promptId === selectedPrompt ? 'chosen' : ''}>
            <button
              type="button"
              className="prompt-button"
              onClick={() => {
                store.patch({ selectedPrompt: promptId });
                player.seek(prompt.frameIndex);
              }}
            >
              <span
                className={`prompt-sign ${prompt.kind === 'point' && !prompt.include ? 'exclude' : ''}`}
                aria-hidden="true"
              >
                {prompt.kind === 'point' ? (prompt.include ? '+' : '–') : '▭'}
              </span>
              <span>{t(promptTitle(prompt))}</span>
              <span className="prompt-frame">{t('inspector.onFrame', { frame: prompt.frameIndex + first })}</span>
            </button>
            <IconButton
              icon="close"
              size={14}
              label={t('command.removePrompt')}
              disabled={viewer}
              onClick={() => prompting.removePrompts([promptId])}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function promptTitle(prompt: PromptState['prompt']) {
  if (prompt.kind === 'point') return prompt.include ? 'inspector.include' : 'inspector.exclude';
  return prompt.kind === 'mask' ? 'inspector.mask' : 'inspector.box';
}

function FrameFacts(): ReactElement | null {
  const t = useTranslate();
  const session = useStudioState((state) => state.session);
  const frame = useStudioState((state) => state.playhead.frameIndex);
  const first = useStudioState((state) => state.settings.firstFrameNumber);
  if (session === null) return null;
  const { video } = session.state;
  const ticks = session.times.pts[frame];
  return (
    <section className="panel-section">
      <header className="panel-head">
        <h2>{t('inspector.frame')}</h2>
      </header>
      <dl className="facts">
        <dt>{t('inspector.index')}</dt>
        <dd>{frame + first}</dd>
        <dt>{t('inspector.time')}</dt>
        <dd>{formatSecs(ticksToSecs(ticks - video.firstPts, video.timebase))}</dd>
        <dt>{t('inspector.ticks')}</dt>
        <dd>{ticks}</dd>
        <dt>{t('inspector.kind')}</dt>
        <dd>{t(session.times.keyFrames[frame] === 1 ? 'inspector.keyFrame' : 'inspector.betweenFrame')}</dd>
        <dt>{t('inspector.size')}</dt>
        <dd>
          {video.width} × {video.height}
        </dd>
        <dt>{t('inspector.codec')}</dt>
        <dd>{video.codec}</dd>
      </dl>
    </section>
  );
}
