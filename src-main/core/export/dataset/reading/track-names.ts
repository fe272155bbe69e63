/** Names of tracks in files where several kinds of things are numbered, each for itself. */
export class TrackNames {
  readonly #owners = new Map<string, string>();

  /** The number itself for the owner that used it first; for others, which mean another object, owner and number. */
  of(number: string, owner: string): string {
    const first = this.#owners.get(number) ?? owner;
    this.#owners.set(number, first);
    return first === owner ? number : `${owner} ${number}`;
  }
}
