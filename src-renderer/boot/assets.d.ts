declare module '*.css';
declare module '*.png' {
  /** Address of the built file. */
  const address: string;
  // biome-ignore lint/style/noDefaultExport: what the bundler makes of a picture.
  export default address;
}
