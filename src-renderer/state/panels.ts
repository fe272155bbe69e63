/** What stands beside the picture: objects and phrases, or details. */
export type PanelName = 'rail' | 'details';

/** Opens a panel; where there is room for one only, the last one that was opened is seen. */
export function withPanel(panels: readonly PanelName[], name: PanelName): readonly PanelName[] {
  return [...panels.filter((each) => each !== name), name];
}

/** Puts a panel away where it is seen, and opens it where it is not. */
export function switched(panels: readonly PanelName[], name: PanelName, isSeen: boolean): readonly PanelName[] {
  return isSeen ? panels.filter((each) => each !== name) : withPanel(panels, name);
}
