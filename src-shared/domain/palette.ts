/**
 * Display colours of objects: twelve sRGB colours, `#rrggbb`, any two of which stay apart for people with normal vision and with
 * protanopia, deuteranopia and tritanopia (test/unit/palette.test.ts holds the distances). The order puts the most different ones
 * first. Not for index PNGs, which keep the DAVIS palette.
 */
export const objectPalette = [
  '#5531f0',
  '#eeef08',
  '#bb061e',
  '#62bbf5',
  '#fa24a8',
  '#f8a4a3',
  '#7effe8',
  '#91bd19',
  '#a473ee',
  '#b47825',
  '#098777',
  '#9c17a6',
] as const;

/** The colour of an object id (1-based); the palette repeats. */
export function objectColour(id: number): string {
  return objectPalette[(id - 1) % objectPalette.length];
}
