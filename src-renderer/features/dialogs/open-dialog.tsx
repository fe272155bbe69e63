import { type ReactElement, useRef, useState } from 'react';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { FileBrowser } from './file-browser.tsx';

/** A video, an image folder or a session of the engine's machine, or files of this one. */
export function OpenDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const t = useTranslate();
  const { sessions } = useStudio();
  const recent = useStudioState((state) => state.settings.recent);
  const [path, setPath] = useState<string | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  return (
    <Dialog
      title={t('open.title')}
      width={680}
      onClose={onClose}
      footer={
        <>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            accept="video/*,.mkv,.masklet"
            onChange={(event) => {
              const files = [...(event.target.files ?? [])];
              if (files.length === 0) return;
              onClose();
              void sessions.openFiles(files);
            }}
          />
          <Button icon="upload" label={t('open.upload')} onClick={() => picker.current?.click()} />
          <span className="bar-stretch" />
          <Button
            label={t('open.imageFolder')}
            disabled={path === null}
            onClick={() => path !== null && void sessions.open({ videoPath: path, sessionPath: null })}
          />
        </>
      }
    >
      <FileBrowser
        start={recent[0]?.replace(/[\\/][^\\/]*$/, '') ?? null}
        takes={OPENED}
        onPath={setPath}
        onTake={({ kind, path }) =>
          void sessions.open(
            kind === 'session' ? { videoPath: null, sessionPath: path } : { videoPath: path, sessionPath: null },
          )
        }
      />
    </Dialog>
  );
}

const OPENED = new Set(['video', 'session'] as const);
