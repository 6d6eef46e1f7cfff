import type { Desk } from './desk.ts'

type Probe = {
  readonly remoteVideo: HTMLVideoElement | undefined
  remoteAudioStream(): MediaStream | undefined
}
declare global {
  interface Window {
    /** Read-only look at what this page receives, for end-to-end tests: they measure pixels and tones, not "a track exists". */
    readonly __tongping?: Probe
  }
}

/** Shows the received media to tests. Gives no way to act, and nothing that a person at this page does not see or hear. */
export class PageProbe {
  #desk: Desk | undefined

  constructor() {
    const desk = () => this.#desk
    const probe: Probe = Object.freeze({
      get remoteVideo() {
        return document.querySelector<HTMLVideoElement>('video[data-test="remote-video"]') ?? undefined
      },
      remoteAudioStream: () => desk()?.media.state.get().voice,
    })
    Object.defineProperty(window, '__tongping', { value: probe, writable: false })
  }

  watch(desk: Desk | undefined): void {
    this.#desk = desk
  }
}
