import { type AnnotatedObject, annotateFrame } from '../annotate/annotate-frame.ts';
import type { AnnotateStyle } from '../annotate/annotate-style.ts';
import type { PixelBox } from '../annotate/draw-rectangle.ts';
import { typefaceAt } from '../annotate/font/typeface.ts';
import { parseColour, type Rgb } from '../annotate/yuv-colour.ts';
import type { YuvImage } from '../annotate/yuv-image.ts';
import { encodePng } from '../png/encode-png.ts';
import { RgbCanvas } from './rgb-canvas.ts';
import { shrinkYuv } from './shrink-yuv.ts';

export interface ContactTile {
  /** Not changed. All tiles of a sheet have one size. */
  readonly image: YuvImage;
  readonly objects: readonly AnnotatedObject[];
  /** Left under the picture, e.g. `frame 42`. */
  readonly caption: string;
  /** Right under the picture, e.g. `00:01.400`. */
  readonly time: string;
}

export interface ContactSheet {
  readonly title: string;
  /** One quiet line under the title: what, how many, which model. */
  readonly subtitle: string;
  readonly tiles: readonly ContactTile[];
  /** Tiles in a row; a wide sheet when not given. */
  readonly columns?: number;
  /** Width of a tile in pixels; 480 when not given. */
  readonly tileWidth?: number;
}

const background: Rgb = { r: 13, g: 16, b: 22 };
const card: Rgb = { r: 24, g: 29, b: 38 };
const bright: Rgb = { r: 236, g: 240, b: 246 };
const quiet: Rgb = { r: 138, g: 149, b: 166 };

const MARGIN = 28;
const GAP = 18;
const HEADER = 92;
const CAPTION = 38;
const RADIUS = 12;
/** Width to height that the sheet aims at. */
const SHEET_RATIO = 1.8;

interface Layout {
  readonly columns: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly width: number;
  readonly height: number;
}

/** Draws annotated frames as a grid of captioned tiles under a title bar; the bytes of an RGB PNG. At least one tile. */
export async function contactSheet(sheet: ContactSheet): Promise<Buffer> {
  const layout = layOut(sheet);
  const canvas = new RgbCanvas(layout.width, layout.height, background);
  drawHeader(canvas, sheet);
  for (const [at, tile] of sheet.tiles.entries()) {
    const x = MARGIN + (at % layout.columns) * (layout.tileWidth + GAP);
    const y = HEADER + Math.floor(at / layout.columns) * (layout.tileHeight + CAPTION + GAP);
    drawTile(canvas, tile, { x, y, width: layout.tileWidth, height: layout.tileHeight });
  }
  return encodePng({ kind: 'rgb', width: layout.width, height: layout.height, pixels: canvas.pixels });
}

function layOut({ tiles, columns: asked, tileWidth = 480 }: ContactSheet): Layout {
  const { image } = tiles[0];
  const tileHeight = Math.max(1, Math.round((tileWidth * image.height) / image.width));
  const wide = Math.round(Math.sqrt((tiles.length * (tileHeight + CAPTION) * SHEET_RATIO) / tileWidth));
  const columns = Math.max(1, Math.min(tiles.length, asked ?? wide));
  const rows = Math.ceil(tiles.length / columns);
  return {
    columns,
    tileWidth,
    tileHeight,
    width: 2 * MARGIN + columns * tileWidth + (columns - 1) * GAP,
    height: HEADER + rows * (tileHeight + CAPTION) + (rows - 1) * GAP + MARGIN,
  };
}

function drawHeader(canvas: RgbCanvas, { title, subtitle, tiles }: ContactSheet): void {
  const legendLeft = drawLegend(canvas, tiles);
  const room = legendLeft - MARGIN - GAP;
  canvas.text(typefaceAt(19).fit(title, room), MARGIN, 47, 19, bright);
  canvas.text(typefaceAt(11).fit(subtitle, room), MARGIN, 72, 11, quiet);
}

/** Every object once, colour and name, from the right; returns where it begins. What does not fit in half the width is left out. */
function drawLegend(canvas: RgbCanvas, tiles: readonly ContactTile[]): number {
  const objects = new Map(tiles.flatMap((tile) => tile.objects).map((object) => [object.objectId, object]));
  const face = typefaceAt(11);
  const entries: { readonly label: string; readonly colour: Rgb; readonly width: number }[] = [];
  let total = 0;
  for (const object of [...objects.values()].sort((a, b) => a.objectId - b.objectId)) {
    const label = object.name === '' ? `#${object.objectId}` : object.name;
    const width = Math.ceil(face.measure(label)) + 22 + 22;
    if (total + width > canvas.width / 2) break;
    total += width;
    entries.push({ label, colour: parseColour(object.colour), width });
  }
  const left = canvas.width - MARGIN - Math.max(0, total - 22);
  let x = left;
  for (const { label, colour, width } of entries) {
    canvas.rounded({ x, y: 36, width: 14, height: 14 }, 5, colour);
    canvas.text(label, x + 21, 48, 11, bright);
    x += width;
  }
  return left;
}

function drawTile(canvas: RgbCanvas, tile: ContactTile, at: PixelBox): void {
  const image = { ...tile.image, data: tile.image.data.slice() };
  annotateFrame(image, tile.objects, tileStyle(image, at.width));
  canvas.rounded({ ...at, height: at.height + CAPTION }, RADIUS, card);
  canvas.picture(shrinkYuv(image, at.width, at.height), at, RADIUS);
  const baseline = at.y + at.height + 24;
  canvas.text(tile.caption, at.x + 13, baseline, 10, bright);
  const face = typefaceAt(10);
  canvas.text(tile.time, at.x + at.width - 13 - face.measure(tile.time), baseline, 10, quiet);
}

/** The default look with lines and letters as large as the tile needs once the frame is shrunk into it. */
function tileStyle(image: YuvImage, tileWidth: number): AnnotateStyle {
  const pixels = ((image.width / tileWidth) * 1080) / Math.min(image.width, image.height);
  return {
    fillOpacity: 0.45,
    outlinePixels: 1.4 * pixels,
    outlineBrightness: 0.72,
    boxPixels: 1.2 * pixels,
    labelPixels: 9 * pixels,
  };
}
