/** Parts of paths of either kind: the engine's machine need not be this one. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')));
}

/** Last part without its ending. */
export function stemOf(path: string): string {
  const name = path.slice(folderOf(path).length).replace(/^[\\/]/, '');
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

export function joinPath(folder: string, name: string): string {
  return `${folder}${folder.includes('\\') && !folder.includes('/') ? '\\' : '/'}${name}`;
}
