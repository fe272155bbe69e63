import { type ReactElement, useState } from 'react';
import type { DatasetFormatFacts, SessionState } from '../../../src-shared/contract/results.ts';
import { folderOf, joinPath, stemOf } from '../../state/path-names.ts';
import { useStudio } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { type DatasetForm, type DatasetWish, emptyForm, optionsFor, writesPolygons } from './dataset-form.ts';
import { DatasetOptionFields } from './dataset-option-fields.tsx';
import { ExportFoot } from './export-foot.tsx';
import { FormatList } from './format-list.tsx';
import { LossList } from './loss-list.tsx';
import { OutlinePreview } from './outline-preview.tsx';
import { ScopeFields, useScope } from './scope-fields.tsx';

/** Datasets: layouts on the left, one form for all of them on the right, and what will be lost before anything is written. */
export function DatasetSheet({
  session,
  formats,
}: {
  readonly session: SessionState;
  readonly formats: readonly DatasetFormatFacts[];
}): ReactElement {
  const t = useTranslate();
  const { exporting } = useStudio();
  const scope = useScope(session);
  const [form, setForm] = useState<DatasetForm>(emptyForm);
  const [named, setNamed] = useState<string | null>(null);
  const name = named ?? stemOf(session.sessionPath);
  const chosen = formats.filter((facts) => form.chosen.has(facts.name));
  const wishes: readonly DatasetWish[] = chosen.map((facts) => ({
    kind: 'dataset',
    format: facts.name,
    options: optionsFor(form, facts, scope),
    outFolder: joinPath(folderOf(session.sessionPath), `${name.trim()}_${facts.name}`),
    range: scope.range,
    overwrite: false,
  }));
  const change = (part: Partial<DatasetForm>) => setForm({ ...form, ...part });
  return (
    <>
      <div className="export-columns">
        <FormatList
          chosen={form.chosen}
          onToggle={(format) => {
            const next = new Set(form.chosen);
            if (!next.delete(format)) next.add(format);
            change({ chosen: next });
          }}
        />
        <div className="export-side">
          {writesPolygons(form, chosen) && <OutlinePreview tolerance={form.tolerance} />}
          <div className="export-options">
            <DatasetOptionFields form={form} chosen={chosen} session={session} onChange={change} />
            <ScopeFields scope={scope} />
          </div>
          <LossList wishes={wishes} />
        </div>
      </div>
      <ExportFoot
        session={session}
        frames={Math.ceil(scope.frames / form.step)}
        objects={scope.objectIds?.length ?? session.objects.length}
        name={{ label: t('export.folderName'), value: name, onChange: setNamed }}
        ready={wishes.length > 0}
        onStart={() => void exporting.start(wishes)}
      />
    </>
  );
}
