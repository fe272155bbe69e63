import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../src-shared/domain/prompt.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import type { Connection, SqlValue } from './connection.ts';
import { exchangeMasks } from './repositories/mask-exchange.ts';
import { type SettingValue, SettingWrites } from './repositories/settings.ts';
import { applyKeep, applySwap, endComparisons, type KeepEdit, type SwapEdit } from './swap-masks.ts';

/** Tables whose rows a user edits; everything else is a result of tracking. */
export type EditableTable = 'objects' | 'concepts' | 'prompts' | 'reviews';

type Row = Readonly<Record<string, SqlValue>>;

/** One row change as data. New kinds (moving masks between objects) join this union. */
export type RowEdit =
  | { readonly kind: 'put'; readonly table: EditableTable; readonly row: Row }
  | { readonly kind: 'delete'; readonly table: EditableTable; readonly id: number }
  | ExchangeEdit
  | EntryEdit
  | SwapEdit
  | KeepEdit;

/** Two objects give each other their masks on some frames; its own inverse. */
export interface ExchangeEdit {
  readonly kind: 'exchange';
  readonly a: ObjectId;
  readonly b: ObjectId;
  readonly spans: readonly FrameRange[];
  /** `b` is a place for what was taken away. */
  readonly aside: boolean;
}

/** One entry of a setting that is a map goes from one value to another, unless something else has changed it meanwhile. */
export interface EntryEdit {
  readonly kind: 'entry';
  readonly setting: string;
  readonly entry: string;
  /** null: there is no such entry. */
  readonly from: SettingValue;
  readonly to: SettingValue;
}

const columns: Readonly<Record<EditableTable, readonly string[]>> = {
  objects: [
    'id',
    'name',
    'colour',
    'concept_id',
    'class_name',
    'hidden',
    'locked',
    'position',
    'group_name',
    'deleted',
  ],
  concepts: ['id', 'phrase', 'threshold', 'deleted'],
  prompts: [
    'id',
    'kind',
    'frame_index',
    'object_id',
    'concept_id',
    'include',
    'x',
    'y',
    'width',
    'height',
    'mask',
    'mask_checksum',
    'round',
  ],
  reviews: ['id', 'object_id', 'first_frame', 'last_frame', 'verdict', 'reviewer', 'made_millis', 'seen_run'],
};

export function readRow(connection: Connection, table: EditableTable, id: number): Row | null {
  return connection.get<Row>(`SELECT ${columns[table].join(', ')} FROM ${table} WHERE id = ?`, id) ?? null;
}

export function applyEdit(connection: Connection, edit: RowEdit): void {
  if (edit.kind === 'swap-masks') {
    applySwap(connection, edit);
    return;
  }
  if (edit.kind === 'keep-masks') {
    applyKeep(connection, edit);
    return;
  }
  if (edit.kind === 'exchange') {
    endComparisons(connection, [edit.a, edit.b]);
    for (const span of edit.spans) exchangeMasks(connection, edit.a, edit.b, span);
    return;
  }
  if (edit.kind === 'entry') {
    applyEntry(connection, edit);
    return;
  }
  if (edit.kind === 'delete') {
    connection.run(`DELETE FROM ${edit.table} WHERE id = ?`, edit.id);
    return;
  }
  const names = columns[edit.table];
  const updates = names.filter((name) => name !== 'id').map((name) => `${name} = excluded.${name}`);
  connection.run(
    `INSERT INTO ${edit.table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
     ON CONFLICT (id) DO UPDATE SET ${updates.join(', ')}`,
    ...names.map((name) => edit.row[name] ?? null),
  );
}

function applyEntry(connection: Connection, { setting, entry, from, to }: EntryEdit): void {
  const settings = new SettingWrites(connection);
  const map = { ...(settings.get(setting) as Readonly<Record<string, SettingValue>> | undefined) };
  if (JSON.stringify(map[entry] ?? null) !== JSON.stringify(from)) return;
  if (to === null) delete map[entry];
  else map[entry] = to;
  settings.set(setting, map);
}

/** JSON with blobs as `{ base64 }`. */
export function editToJson(edit: RowEdit): string {
  if (edit.kind !== 'put') return JSON.stringify(edit);
  const row = Object.entries(edit.row).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
  ]);
  return JSON.stringify({ ...edit, row: Object.fromEntries(row) });
}

export function editFromJson(text: string): RowEdit {
  const edit = JSON.parse(text) as RowEdit;
  if (edit.kind !== 'put' && edit.kind !== 'delete') return edit;
  if (columns[edit.table] === undefined) {
    throw new StudioError('session-corrupt', 'resource', 'The undo history is damaged; everything else is kept.');
  }
  if (edit.kind === 'delete') return edit;
  const row = Object.entries(edit.row as Record<string, unknown>).map(([name, value]) => [
    name,
    isBase64(value) ? Buffer.from(value.base64, 'base64') : value,
  ]);
  return { ...edit, row: Object.fromEntries(row) as Row };
}

function isBase64(value: unknown): value is { readonly base64: string } {
  return typeof value === 'object' && value !== null && 'base64' in value && typeof value.base64 === 'string';
}
