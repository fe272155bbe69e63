import { type ReactElement, useEffect, useRef, useState } from 'react';
import type { FolderEntry, FolderListing } from '../../../src-shared/domain/folder-listing.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { bytesText } from '../../ui/duration.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';

/** Folders of the machine the engine runs on, which need not be the one the browser runs on. */
export function OpenDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const t = useTranslate();
  const { host, sessions } = useStudio();
  const recent = useStudioState((state) => state.settings.recent);
  const [listing, setListing] = useState<FolderListing | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const go = async (path: string | null) => {
    try {
      setListing(await host.listFolder(path));
      setProblem(null);
    } catch (error) {
      setProblem(StudioError.from(error).message);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first folder is chosen once, when the sheet opens.
  useEffect(() => {
    const last = recent[0]?.replace(/[\\/][^\\/]*$/, '');
    void go(last ?? null);
  }, []);
  const take = ({ kind, path }: FolderEntry) => {
    if (kind === 'folder') void go(path);
    else
      void sessions.open(
        kind === 'session' ? { videoPath: null, sessionPath: path } : { videoPath: path, sessionPath: null },
      );
  };
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
            hidden
            accept="video/*,.mkv,.masklet"
            onChange={(event) => {
              const file = event.target.files?.[0];
              if (file === undefined) return;
              onClose();
              void sessions.openFile(file);
            }}
          />
          <Button icon="upload" label={t('open.upload')} onClick={() => picker.current?.click()} />
          <span className="bar-stretch" />
          <Button
            label={t('open.imageFolder')}
            disabled={listing === null}
            onClick={() => listing !== null && void sessions.open({ videoPath: listing.folder, sessionPath: null })}
          />
        </>
      }
    >
      <form
        className="path-row"
        onSubmit={(event) => {
          event.preventDefault();
          void go(String(new FormData(event.currentTarget).get('path')));
        }}
      >
        <IconButton
          icon="chevron"
          label={t('open.up')}
          disabled={listing?.parent == null}
          onClick={() => void go(listing?.parent ?? null)}
        />
        <label className="field">
          <input key={listing?.folder} name="path" aria-label={t('open.path')} defaultValue={listing?.folder ?? ''} />
        </label>
      </form>
      {problem !== null && <p className="inline-error">{problem}</p>}
      <ul className="file-list" aria-label={t('open.files')}>
        {listing?.entries.map((entry) => (
          <li key={entry.path}>
            <button type="button" onClick={() => take(entry)}>
              <Icon
                name={entry.kind === 'folder' ? 'folder' : entry.kind === 'session' ? 'sparkle' : 'film'}
                size={18}
              />
              <span className="recent-name">{entry.name}</span>
              {entry.kind !== 'folder' && <span className="field-help">{bytesText(entry.sizeBytes)}</span>}
            </button>
          </li>
        ))}
        {listing?.entries.length === 0 && <li className="field-help pad">{t('open.nothing')}</li>}
      </ul>
    </Dialog>
  );
}
