import { type ReactElement, useState } from 'react';
import {
  alphaCodecNames,
  codecEnding,
  type OutputCodecName,
  type RenderLook,
  type RenderStyleName,
  renderLookSchema,
  renderName,
} from '../../../src-shared/contract/render-look.ts';
import type { SessionState } from '../../../src-shared/contract/results.ts';
import { folderOf, joinPath, stemOf } from '../../state/path-names.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Select } from '../../ui/select.tsx';
import { ExportFoot } from './export-foot.tsx';
import { FrameScrub } from './frame-scrub.tsx';
import { ScopeFields, useScope } from './scope-fields.tsx';
import { StillPreview } from './still-preview.tsx';
import { StyleGallery } from './style-gallery.tsx';
import { StyleOptions } from './style-options.tsx';

const bare = (style: RenderStyleName): RenderLook => renderLookSchema.parse({ style });

/** An annotated video, mattes or a redaction: styles on the left, the frame in that style and what can be said about it on the right. */
export function VideoSheet({
  session,
  codecs,
}: {
  readonly session: SessionState;
  readonly codecs: readonly OutputCodecName[];
}): ReactElement {
  const t = useTranslate();
  const { exporting } = useStudio();
  const playhead = useStudioState((state) => state.playhead.frameIndex);
  const scope = useScope(session);
  const [wish, setWish] = useState(() => bare('overlay'));
  const [codecWish, setCodec] = useState<OutputCodecName>('h264');
  const [named, setNamed] = useState<string | null>(null);
  const [frame, setFrame] = useState(playhead);
  const look = { ...wish, objectIds: scope.objectIds === null ? null : [...scope.objectIds] };
  const offered = codecs.filter((each) => look.colour !== 'alpha' || alphaCodecNames.includes(each));
  const codec = offered.includes(codecWish) ? codecWish : (offered[0] ?? 'prores');
  const name = named ?? renderName(stemOf(session.video.path), look.style, codec);
  const outPath = joinPath(folderOf(session.sessionPath), withEnding(name, codec));
  return (
    <>
      <div className="export-columns">
        <StyleGallery style={look.style} onChange={(style) => setWish(bare(style))} />
        <div className="export-side">
          <StillPreview look={look} frameIndex={frame} />
          <FrameScrub frameIndex={frame} frameCount={session.video.frameCount} onChange={setFrame} />
          <div className="export-options">
            <StyleOptions look={look} onChange={(change) => setWish({ ...wish, ...change })} />
            <Select
              label={t('export.codec')}
              value={codec}
              onChange={setCodec}
              options={offered.map((value) => ({ value, label: t(`codec.${value}`) }))}
            />
            <ScopeFields scope={scope} />
          </div>
        </div>
      </div>
      <ExportFoot
        session={session}
        frames={scope.frames}
        objects={scope.objectIds?.length ?? session.objects.length}
        name={{ label: t('export.fileName'), value: name, onChange: setNamed }}
        onStart={() =>
          void exporting.start([{ kind: 'video', look, codec, outPath, range: scope.range, overwrite: false }])
        }
      />
    </>
  );
}

/** The codec decides the container, so it decides the ending too. */
function withEnding(name: string, codec: OutputCodecName): string {
  return `${name.trim().replace(/\.(mp4|mov|m4v|mkv)$/i, '')}${codecEnding(codec)}`;
}
