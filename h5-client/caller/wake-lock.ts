/** Keeps the screen on while the camera is sent: a locked phone sends nothing. Missing or refused is no trouble. */
export class WakeLock {
  #wanted = false
  #lock: WakeLockSentinel | undefined

  constructor() {
    // The browser takes the lock away whenever the page is hidden.
    document.addEventListener('visibilitychange', () => {
      if (this.#wanted && document.visibilityState === 'visible') void this.#take()
    })
  }

  hold(on: boolean): void {
    if (on === this.#wanted) return
    this.#wanted = on
    if (on) void this.#take()
    else {
      void this.#lock?.release().catch(() => {})
      this.#lock = undefined
    }
  }

  async #take(): Promise<void> {
    try {
      const lock = await navigator.wakeLock?.request('screen')
      if (this.#wanted) this.#lock = lock
      else await lock?.release()
    } catch {
      // Battery saver, or an old iOS after coming back: the person's own settings win.
    }
  }
}
