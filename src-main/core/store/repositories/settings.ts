import type { Connection } from '../connection.ts';

/** A value that survives JSON. */
export type SettingValue =
  | string
  | number
  | boolean
  | null
  | readonly SettingValue[]
  | { readonly [key: string]: SettingValue };

export class SettingReads {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Undefined when it was never set. */
  get(key: string): SettingValue | undefined {
    const row = this.connection.get<{ value_json: string }>('SELECT value_json FROM settings WHERE key = ?', key);
    return row === undefined ? undefined : (JSON.parse(row.value_json) as SettingValue);
  }
}

export class SettingWrites extends SettingReads {
  set(key: string, value: SettingValue): void {
    this.connection.run(
      'INSERT INTO settings (key, value_json) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value_json = excluded.value_json',
      key,
      JSON.stringify(value),
    );
  }
}
