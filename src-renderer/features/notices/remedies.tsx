import type { ReactElement } from 'react';
import type { ErrorCode, ErrorData } from '../../../src-shared/errors/studio-error.ts';
import { isBusy } from '../../state/edit-rules.ts';
import { smallerPack } from '../../state/smaller-pack.ts';
import type { Studio } from '../../state/studio.ts';
import type { StudioState } from '../../state/studio-state.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import type { MessageKey } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

interface Remedy {
  readonly label: MessageKey;
  readonly when: (state: StudioState, error: ErrorData) => boolean;
  readonly run: (studio: Studio, error: ErrorData) => void | Promise<void>;
}

const inGroups: Remedy = {
  label: 'notice.inGroups',
  when: (state) => state.failedObjects.length > 1 && !isBusy(state),
  run: ({ tracking }) => tracking.startInGroups(),
};

const useCpu: Remedy = {
  label: 'notice.useCpu',
  when: ({ settings }) => settings.device !== 'cpu',
  run: ({ changeSettings, sessions }) => {
    changeSettings({ device: 'cpu' });
    return sessions.warmUp();
  },
};

const useSmallerPack: Remedy = {
  label: 'notice.smallerPack',
  when: ({ packs, model }) => smallerPack(packs, model?.packId ?? null) !== null,
  run: ({ changeSettings, sessions, store }) => {
    const { packs, model } = store.value;
    changeSettings({ packId: smallerPack(packs, model?.packId ?? null)?.id ?? null });
    return sessions.warmUp();
  },
};

const chooseModel: Remedy = {
  label: 'notice.chooseModel',
  when: () => true,
  run: ({ store }) => store.patch({ dialog: 'settings' }),
};

const pathOf = ({ details }: ErrorData): string | null => (typeof details.path === 'string' ? details.path : null);

const lookOnly: Remedy = {
  label: 'notice.lookOnly',
  when: (_, error) => pathOf(error) !== null,
  run: ({ sessions }, error) => sessions.open({ videoPath: null, sessionPath: pathOf(error), readOnly: true }),
};

const locate: Remedy = {
  label: 'sessions.locate',
  when: ({ sessions }, error) => sessions?.some(({ sessionPath }) => sessionPath === pathOf(error)) === true,
  run: ({ store }, error) => {
    const locating = store.value.sessions?.find(({ sessionPath }) => sessionPath === pathOf(error)) ?? null;
    store.patch({ locating, dialog: 'locate' });
  },
};

/** What can be done about a failure where the page can do it, the recommended thing first. */
const REMEDIES: Readonly<Partial<Record<ErrorCode, readonly Remedy[]>>> = {
  'out-of-memory': [inGroups, useSmallerPack, useCpu, chooseModel],
  'provider-unavailable': [useCpu, chooseModel],
  'media-changed': [locate, lookOnly],
  'pack-missing': [chooseModel],
  'pack-invalid': [chooseModel],
  'pack-hash-mismatch': [chooseModel],
  'pack-cannot-track': [chooseModel],
  'concepts-unsupported': [chooseModel],
};

export function Remedies({ error, onDone }: { readonly error: ErrorData; readonly onDone: () => void }): ReactElement {
  const t = useTranslate();
  const studio = useStudio();
  const remedies = REMEDIES[error.code] ?? [];
  const offered = useStudioState((state) => remedies.map(({ when }) => (when(state, error) ? '1' : '0')).join(''));
  return (
    <>
      {remedies.map(
        (remedy, at) =>
          offered[at] === '1' && (
            <Button
              key={remedy.label}
              label={t(remedy.label)}
              onClick={() => {
                onDone();
                void remedy.run(studio, error);
              }}
            />
          ),
      )}
    </>
  );
}
