const KEY = 'tongping-large-type'
const FACTOR = 1.3

/**
 * Larger words and buttons, remembered by this browser. On top of what the phone's own text size already does: every
 * size of the page is in rem, so one number is enough.
 */
export const largeType = {
  get on(): boolean {
    return document.documentElement.dataset.type === 'large'
  },
  /** As it was when this browser was here last. */
  restore(): void {
    try {
      if (localStorage.getItem(KEY) === '1') this.set(true)
    } catch {
      // Without storage everybody starts with the phone's own size.
    }
  },
  set(on: boolean): void {
    const root = document.documentElement
    root.style.fontSize = ''
    if (on) {
      root.dataset.type = 'large'
      root.style.fontSize = `${Number.parseFloat(getComputedStyle(root).fontSize) * FACTOR}px`
    } else delete root.dataset.type
    try {
      localStorage.setItem(KEY, on ? '1' : '0')
    } catch {
      // It holds as long as the page does.
    }
  },
}
