import { type ReactElement, useState } from 'react';
import type { SessionListing } from '../../../src-shared/contract/results.ts';
import { sessionName } from '../../state/library.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { bytesText } from '../../ui/duration.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';

/** Sessions that were moved to the trash: put back, or removed for good after a second click. */
export function TrashDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const t = useTranslate();
  const trash = useStudioState((state) => state.trash);
  return (
    <Dialog title={t('trash.title')} width={620} onClose={onClose}>
      <p className="field-help">{t('trash.help')}</p>
      {trash.length === 0 ? (
        <div className="empty roomy">
          <Icon name="trash" size={32} />
          <p className="empty-title">{t('trash.empty')}</p>
        </div>
      ) : (
        <ul className="trash-list" aria-label={t('trash.title')}>
          {trash.map((listing) => (
            <TrashRow key={listing.sessionPath} listing={listing} />
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function TrashRow({ listing }: { readonly listing: SessionListing }): ReactElement {
  const t = useTranslate();
  const { library } = useStudio();
  const [isSure, setIsSure] = useState(false);
  const { sessionPath, objectCount, frameCount, trackedFrameCount, sizeBytes } = listing;
  const percent = frameCount === 0 ? 0 : Math.floor((100 * trackedFrameCount) / frameCount);
  return (
    <li className="trash-row">
      <div className="job-facts">
        <strong>{sessionName(sessionPath)}</strong>
        <span className="session-line faint">
          {t('sessions.facts', { objects: objectCount, percent })} · {bytesText(sizeBytes)}
        </span>
      </div>
      <Button icon="undo" label={t('notice.putBack')} onClick={() => void library.restore(sessionPath)} />
      <Button
        look={isSure ? 'danger' : 'ghost'}
        label={t(isSure ? 'trash.sure' : 'trash.purge')}
        onBlur={() => setIsSure(false)}
        onClick={() => (isSure ? void library.purge(sessionPath) : setIsSure(true))}
      />
    </li>
  );
}
