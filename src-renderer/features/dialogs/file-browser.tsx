import { type ReactElement, useEffect, useRef, useState } from 'react';
import type { FolderEntry, FolderListing } from '../../../src-shared/domain/folder-listing.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { sentenceOf } from '../../state/notices.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import { bytesText } from '../../ui/duration.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';

/**
 * Folders of the machine the engine runs on, which need not be the one the browser runs on. A file is taken by a click, or by its path.
 * `onPath` hears what the path field says.
 */
export function FileBrowser({
  start,
  takes,
  onTake,
  onPath,
}: {
  readonly start: string | null;
  readonly takes: ReadonlySet<FolderEntry['kind']>;
  readonly onTake: (entry: FolderEntry) => void;
  readonly onPath: (path: string | null) => void;
}): ReactElement {
  const t = useTranslate();
  const { host } = useStudio();
  const language = useStudioState(({ settings }) => settings.language);
  const [listing, setListing] = useState<FolderListing | null>(null);
  const [problem, setProblem] = useState<StudioError | null>(null);
  /** What stands in the path field, where it isn't the listed folder's own path. */
  const [typed, setTyped] = useState<string | null>(null);
  /** Folders asked for so far; only the last one's answer counts, whatever order they come in. */
  const asked = useRef(0);
  const list = async (path: string | null): Promise<FolderListing | null> => {
    asked.current += 1;
    const mine = asked.current;
    try {
      const next = await host.listFolder(path);
      if (mine !== asked.current) return null;
      setListing(next);
      setProblem(null);
      return next;
    } catch (error) {
      if (mine === asked.current) setProblem(StudioError.from(error));
      return null;
    }
  };
  const go = async (path: string) => {
    // The field says at once where it goes: what is done with its path must not be done with the one before.
    setTyped(path);
    const next = await list(path);
    if (next === null) return;
    setTyped((held) => (held === path ? null : held));
    if (next.file !== null && takes.has(next.file.kind)) onTake(next.file);
  };
  const meant = pathIn(typed ?? listing?.folder ?? '');
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is told of another path, not of another listener.
  useEffect(() => onPath(meant), [meant]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first folder is chosen once, when the sheet opens.
  useEffect(() => {
    // What somebody types before it is listed stays in the field.
    void list(start);
  }, []);
  const shown = listing?.entries.filter(({ kind }) => kind === 'folder' || takes.has(kind));
  return (
    <>
      <form
        className="path-row"
        onSubmit={(event) => {
          event.preventDefault();
          if (meant !== null) void go(meant);
        }}
      >
        <IconButton
          icon="chevron"
          label={t('open.up')}
          disabled={listing?.parent == null}
          onClick={() => listing?.parent != null && void go(listing.parent)}
        />
        <label className="field">
          <input
            aria-label={t('open.path')}
            value={typed ?? listing?.folder ?? ''}
            // Who is in the field writes in it: a listing that arrives then must not put its own path before theirs.
            onFocus={({ target }) => setTyped(target.value)}
            onBlur={() => setTyped((held) => (held === '' ? null : held))}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
      </form>
      {problem !== null && <p className="inline-error">{sentenceOf(problem, language)}</p>}
      <ul className="file-list" aria-label={t('open.files')}>
        {shown?.map((entry) => (
          <li key={entry.path}>
            <button type="button" onClick={() => (entry.kind === 'folder' ? void go(entry.path) : onTake(entry))}>
              <Icon name={ICONS[entry.kind]} size={18} />
              <span className="recent-name">{entry.name}</span>
              {entry.kind !== 'folder' && <span className="field-help">{bytesText(entry.sizeBytes)}</span>}
            </button>
          </li>
        ))}
        {shown?.length === 0 && <li className="field-help pad">{t('open.nothing')}</li>}
      </ul>
    </>
  );
}

/** A path as it was pasted, quotes around it or not; null: none. */
function pathIn(text: string): string | null {
  const path = text.replace(/^\s*(["'])(.*)\1\s*$/, '$2');
  return path.trim() === '' ? null : path;
}

const ICONS = { folder: 'folder', session: 'sparkle', video: 'film' } as const;
