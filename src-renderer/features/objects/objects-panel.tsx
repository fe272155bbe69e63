import { type ReactElement, useMemo, useState } from 'react';
import type { ObjectState } from '../../../src-shared/contract/results.ts';
import { useCommand } from '../../commands/use-command.ts';
import { useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { ObjectList } from './object-list.tsx';

const NO_OBJECTS: readonly ObjectState[] = [];
/** With fewer a look finds more than a search. */
const LEAST_TO_SEARCH = 4;

/** The objects of the session: one tab stop, arrows move, F2 edits, Alt and arrows reorder. */
export function ObjectsPanel(): ReactElement {
  const t = useTranslate();
  const objects = useStudioState((state) => state.session?.state.objects ?? NO_OBJECTS);
  const sessionId = useStudioState((state) => state.session?.sessionId);
  const newObject = useCommand('new-object');
  const group = useCommand('group-objects');
  const [search, setSearch] = useState('');
  const found = useMemo(() => objects.filter((object) => matches(object, search)), [objects, search]);
  return (
    <section className="panel-section grow" aria-label={t('objects.title')}>
      <header className="panel-head">
        <h2>{t('objects.title')}</h2>
        <span className="count">{objects.length}</span>
        <span className="bar-stretch" />
        {objects.length > 1 && <IconButton icon="group" {...group} />}
        <IconButton icon="plus" {...newObject} />
      </header>
      {objects.length >= LEAST_TO_SEARCH && <Search value={search} onChange={setSearch} />}
      {objects.length === 0 ? <Empty /> : <ObjectList key={sessionId} objects={found} />}
      {objects.length > 0 && found.length === 0 && <p className="empty">{t('objects.noneFound', { search })}</p>}
    </section>
  );
}

/** By number, name, class or group. */
function matches({ objectId, name, className, groupName }: ObjectState, search: string): boolean {
  const wanted = search.trim().toLocaleLowerCase();
  if (wanted === '' || wanted === String(objectId)) return true;
  return [name, className, groupName].some((text) => text?.toLocaleLowerCase().includes(wanted) === true);
}

function Search({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactElement {
  const t = useTranslate();
  return (
    <label className="object-search">
      <Icon name="search" size={15} />
      <input
        type="search"
        value={value}
        placeholder={t('objects.search')}
        aria-label={t('objects.search')}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

function Empty(): ReactElement {
  const t = useTranslate();
  return (
    <div className="empty">
      <p className="empty-title">{t('objects.emptyTitle')}</p>
      <p>{t('objects.emptyText')}</p>
    </div>
  );
}
