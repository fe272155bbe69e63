import type { ReactElement } from 'react';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { ExportDialog } from '../export/export-dialog.tsx';
import { SettingsDialog } from '../settings/settings-dialog.tsx';
import { LocateDialog } from './locate-dialog.tsx';
import { OpenDialog } from './open-dialog.tsx';
import { PaletteDialog } from './palette-dialog.tsx';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import { TrashDialog } from './trash-dialog.tsx';

/** The sheet that is open, if any. */
export function Dialogs(): ReactElement | null {
  const { store } = useStudio();
  const dialog = useStudioState((state) => state.dialog);
  const close = () => store.patch({ dialog: null });
  if (dialog === 'open') return <OpenDialog onClose={close} />;
  if (dialog === 'locate') return <LocateDialog onClose={close} />;
  if (dialog === 'trash') return <TrashDialog onClose={close} />;
  if (dialog === 'export') return <ExportDialog onClose={close} />;
  if (dialog === 'settings') return <SettingsDialog onClose={close} />;
  if (dialog === 'shortcuts') return <ShortcutsDialog onClose={close} />;
  if (dialog === 'palette') return <PaletteDialog onClose={close} />;
  return null;
}
