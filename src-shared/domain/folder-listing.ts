/** Something in a folder of this machine that the studio can open. */
export interface FolderEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'folder' | 'video' | 'session';
  readonly sizeBytes: number;
  readonly changedAtMillis: number;
}

export interface FolderListing {
  readonly folder: string;
  /** null at the top. */
  readonly parent: string | null;
  readonly entries: readonly FolderEntry[];
  /** The file that was asked for instead of a folder; the folder is the one it lies in. */
  readonly file: FolderEntry | null;
}
