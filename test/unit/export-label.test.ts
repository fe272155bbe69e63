import { describe, expect, it } from 'vitest';
import { glyphs } from '../../src-main/core/export/annotate/font/glyphs.ts';
import { Typeface, writable } from '../../src-main/core/export/annotate/font/typeface.ts';
import { placeLabel } from '../../src-main/core/export/annotate/place-label.ts';
import { readableOn } from '../../src-main/core/export/annotate/yuv-colour.ts';

const frame = { width: 400, height: 300 };
const chip = { width: 80, height: 20 };

describe('placeLabel', () => {
  it('stands above the box', () => {
    expect(placeLabel({ x: 100, y: 100, width: 50, height: 50 }, chip, frame, 3, [])).toMatchObject({ x: 100, y: 77 });
  });

  it('moves inside at the top and stays in the frame at the right', () => {
    const spot = placeLabel({ x: 380, y: 5, width: 20, height: 100 }, chip, frame, 3, []);
    expect(spot).toMatchObject({ x: 320, y: 11 });
  });

  it('avoids a label that is already there', () => {
    const box = { x: 100, y: 100, width: 120, height: 80 };
    const first = placeLabel(box, chip, frame, 3, []);
    const second = placeLabel(box, chip, frame, 3, first === null ? [] : [first]);
    expect(second).toMatchObject({ x: 106, y: 106 });
  });

  it('gives up on a frame that is too small', () => {
    expect(placeLabel({ x: 0, y: 0, width: 5, height: 5 }, chip, { width: 60, height: 60 }, 3, [])).toBeNull();
  });
});

describe('Typeface', () => {
  it.each([
    ['Mütze 2', 'Mütze 2'],
    ['Ball 🏀 left', 'Ball left'],
    ['⚽', ''],
    ['左边的 cup', ''],
    ['Μπάλα', ''],
  ])('writes of the name "%s" only "%s"', (name, written) => {
    expect(writable(name)).toBe(written);
  });

  it('has a shape for every printable ASCII character', () => {
    for (let code = 32; code < 127; code++)
      expect(glyphs[String.fromCharCode(code)], String.fromCharCode(code)).toBeDefined();
  });

  it('gives all digits one width and keeps ink within its size', () => {
    const face = new Typeface(10);
    const widths = new Set([...'0123456789'].map((digit) => face.measure(digit)));
    expect(widths.size).toBe(1);
    let [top, bottom, ink] = [0, -99, 0];
    face.draw('H8', 0, 0, (_x, y, alpha) => {
      if (alpha < 128) return;
      [top, bottom, ink] = [Math.min(top, y), Math.max(bottom, y), ink + 1];
    });
    expect(top).toBe(-10);
    expect(bottom).toBeLessThan(0);
    expect(ink).toBeGreaterThan(30);
  });

  it('cuts long text with an ellipsis; accents take no room of their own', () => {
    const face = new Typeface(12);
    const cut = face.fit('a very long object name', 90);
    expect(cut.endsWith('…')).toBe(true);
    expect(face.measure(cut)).toBeLessThanOrEqual(90);
    expect(face.measure('Mütze')).toBe(face.measure('Mutze'));
    const highest = (text: string) => {
      let top = 0;
      face.draw(text, 0, 0, (_x, y) => {
        top = Math.min(top, y);
      });
      return top;
    };
    expect(highest('ü')).toBeLessThan(highest('u'));
    expect(highest('Ü')).toBeLessThan(highest('ü'));
    expect(highest('ç')).toBe(highest('c'));
    expect(face.fit('abc', 2)).toBe('');
  });
});

describe('readableOn', () => {
  it('picks dark on yellow and white on dark blue', () => {
    expect(readableOn({ r: 250, g: 220, b: 40 }).r).toBeLessThan(40);
    expect(readableOn({ r: 10, g: 20, b: 120 }).r).toBe(255);
  });
});
