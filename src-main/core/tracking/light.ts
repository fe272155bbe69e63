/** The light of a picture: mean and spread (standard deviation) of each channel, 0..255. */
export interface Light {
  readonly mean: readonly number[];
  readonly spread: readonly number[];
}

const channels = 3;
const levels = 256;
/** No channel gets more than so many times its contrast, or less than so much of it. */
const mostGain = 2;

/** `pixels`: uint8 RGB. */
export function lightOf(pixels: Uint8Array): Light {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let at = 0; at < pixels.length; at += channels) {
    for (let channel = 0; channel < channels; channel++) {
      const value = pixels[at + channel];
      sums[channel] += value;
      squares[channel] += value * value;
    }
  }
  const count = pixels.length / channels;
  const mean = Array.from(sums, (sum) => sum / count);
  const spread = mean.map((middle, channel) => Math.sqrt(Math.max(0, squares[channel] / count - middle * middle)));
  return { mean, spread };
}

/** The picture as it would look in the light of another. */
export function relit(pixels: Uint8Array, light: Light): Uint8Array {
  const now = lightOf(pixels);
  const tables = now.mean.map((mean, channel) => {
    const gain = (light.spread[channel] + 1) / (now.spread[channel] + 1);
    const contrast = Math.min(mostGain, Math.max(1 / mostGain, gain));
    return Uint8ClampedArray.from({ length: levels }, (_, value) =>
      Math.floor((value - mean) * contrast + light.mean[channel] + 0.5),
    );
  });
  const shown = new Uint8Array(pixels.length);
  for (let channel = 0; channel < channels; channel++) {
    const table = tables[channel];
    for (let at = channel; at < pixels.length; at += channels) shown[at] = table[pixels[at]];
  }
  return shown;
}
