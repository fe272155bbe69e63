/**
 * By how much the page is enlarged. Boxes and pointers are measured in pixels of the window, lengths in the style sheet in enlarged ones: what
 * is placed by a measured box is divided by this.
 */
export function pageZoom(): number {
  return document.documentElement.currentCSSZoom ?? 1;
}
