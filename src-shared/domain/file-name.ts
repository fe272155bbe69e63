/** Bytes of a name that leave room for what is put around it (endings, numbers, stamps, locks) in the 255 that file systems give a name. */
export const LONGEST_STEM_BYTES = 200;

/** The beginning of a name, whole characters, that fits into `bytes` of UTF-8; most names are returned as they are. */
export function shortened(name: string, bytes = LONGEST_STEM_BYTES): string {
  const room = new Uint8Array(bytes);
  return name.slice(0, new TextEncoder().encodeInto(name, room).read).trimEnd();
}
