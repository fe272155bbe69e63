/** The light of a picture: mean and spread (standard deviation) of each channel, 0..255. */
export interface Light {
  readonly mean: readonly number[];
  readonly spread: readonly number[];
}

const channels = [0, 1, 2] as const;
const levels = 256;
/** No channel gets more than so many times its contrast, or less than so much of it. */
const mostGain = 2;

/** `pixels`: uint8 RGB. From counts of every value, because it is asked of every frame. */
export function lightOf(pixels: Uint8Array): Light {
  const counts = channels.map(() => new Uint32Array(levels));
  const [red, green, blue] = counts;
  for (let at = 0; at < pixels.length; at += channels.length) {
    red[pixels[at]]++;
    green[pixels[at + 1]]++;
    blue[pixels[at + 2]]++;
  }
  const pixelCount = pixels.length / channels.length;
  const mean = counts.map((each) => each.reduce((sum, count, value) => sum + count * value, 0) / pixelCount);
  const spread = counts.map((each, channel) => {
    const square = each.reduce((sum, count, value) => sum + count * value * value, 0) / pixelCount;
    return Math.sqrt(Math.max(0, square - mean[channel] ** 2));
  });
  return { mean, spread };
}

/** The picture as it would look in the light of another. */
export function relit(pixels: Uint8Array, light: Light): Uint8Array {
  const now = lightOf(pixels);
  const [red, green, blue] = channels.map((channel) => {
    const gain = (light.spread[channel] + 1) / (now.spread[channel] + 1);
    const contrast = Math.min(mostGain, Math.max(1 / mostGain, gain));
    return Uint8ClampedArray.from({ length: levels }, (_, value) =>
      Math.floor((value - now.mean[channel]) * contrast + light.mean[channel] + 0.5),
    );
  });
  const shown = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += channels.length) {
    shown[at] = red[pixels[at]];
    shown[at + 1] = green[pixels[at + 1]];
    shown[at + 2] = blue[pixels[at + 2]];
  }
  return shown;
}
