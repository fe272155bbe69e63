/** Lets commands reach a class that a panel mounts, while it is there; without one they do nothing. */
export class Mounted<T> {
  #current: T | null = null;

  get current(): T | null {
    return this.#current;
  }

  attach(mounted: T): () => void {
    this.#current = mounted;
    return () => {
      if (this.#current === mounted) this.#current = null;
    };
  }
}
