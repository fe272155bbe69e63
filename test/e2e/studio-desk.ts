import type { Page } from 'playwright-core';

/** What a person does with the studio's page, whoever shows it. */
export class StudioDesk {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Waits until the frame the person is on is on screen. */
  async shown(): Promise<void> {
    await this.page.waitForFunction(() => {
      const canvas = document.querySelector<HTMLElement>('[data-testid=viewer]');
      const timeline = document.querySelector('[data-testid=timeline]');
      return canvas?.dataset.rough === 'false' && canvas.dataset.frame === timeline?.getAttribute('aria-valuenow');
    });
  }

  /** Where a point of the video lies on the page, for a picture that fits its stage. */
  async place(x: number, y: number, video = { width: 1280, height: 720 }): Promise<{ x: number; y: number }> {
    const box = await this.page.getByTestId('viewer').boundingBox();
    if (box === null) throw new Error('there is no viewer');
    const margin = 14;
    const scale = Math.min((box.width - 2 * margin) / video.width, (box.height - 2 * margin) / video.height);
    return {
      x: box.x + (box.width - video.width * scale) / 2 + x * scale,
      y: box.y + (box.height - video.height * scale) / 2 + y * scale,
    };
  }

  async clickVideo(x: number, y: number, button: 'left' | 'right' = 'left'): Promise<void> {
    const at = await this.place(x, y);
    await this.page.mouse.click(at.x, at.y, { button });
  }

  /** Waits until the model has answered what was said. */
  async answered(): Promise<void> {
    await this.page.waitForFunction(() => document.querySelector('.hint-dot.busy') === null);
  }
}
