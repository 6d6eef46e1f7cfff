/**
 * Runs in a page before its own scripts and only watches: what went over HTTP and WebSocket, taps, camera, transports, the first
 * frame of every picture, and painting on the stage's canvas, each with the wall clock. Stands alone, because its source is
 * sent to the browser. `Noted.what` is one of the names below.
 */
export function watchPage(): void {
  const noted: { what: string; atMs: number; more?: unknown }[] = []
  const wall = (pageMs: number) => performance.timeOrigin + pageMs
  const note = (what: string, more?: unknown, pageMs = performance.now()) => {
    noted.push({ what, atMs: wall(pageMs), ...(more === undefined ? {} : { more }) })
  }
  Object.defineProperty(window, 'noted', { value: noted })

  for (const type of ['click', 'pointerdown', 'pointermove'] as const) {
    const listen = (event: Event) => {
      const target = event.target instanceof Element ? event.target.closest('[data-test]') : null
      const name = target?.getAttribute('data-test') ?? ''
      if (type === 'pointermove') {
        if (name !== 'stage-canvas' || (event as PointerEvent).buttons === 0) return
        const steps = (event as PointerEvent).getCoalescedEvents?.() ?? []
        for (const step of steps.length > 0 ? steps : [event]) note('pointermove', name, step.timeStamp)
      } else {
        note(type, name, event.timeStamp)
      }
    }
    window.addEventListener(type, listen, { capture: true, passive: true })
  }

  // The button a caller taps: when it stands on the page.
  const appears = new MutationObserver(() => {
    if (document.querySelector('[data-test="start-camera"]') === null) return
    appears.disconnect()
    requestAnimationFrame(() => note('button shown'))
  })
  appears.observe(document, { childList: true, subtree: true })

  const fetchOf = window.fetch.bind(window)
  window.fetch = async (input, init) => {
    const path = new URL(input instanceof Request ? input.url : String(input), location.href).pathname
    note(`fetch ${path}`)
    const response = await fetchOf(input, init)
    note(`fetched ${path}`)
    return response
  }

  const Socket = window.WebSocket
  window.WebSocket = class extends Socket {
    readonly #names = new Map<number, string>()
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      note('socket opening')
      this.addEventListener('open', () => note('socket open'))
      this.addEventListener('message', event => {
        const message = JSON.parse(String(event.data)) as { kind: string; id?: number; name?: string; data?: unknown }
        if (message.kind === 'notification') note(`told ${message.name}`, message.data)
        else note(`replied ${this.#names.get(message.id ?? -1)}`, message.kind === 'refusal' ? message : undefined)
      })
    }
    override send(data: string): void {
      const message = JSON.parse(data) as { id: number; name: string; data: unknown }
      this.#names.set(message.id, message.name)
      note(`asked ${message.name}`, message.data)
      super.send(data)
    }
  }

  const devices = navigator.mediaDevices
  if (devices) {
    const getUserMedia = devices.getUserMedia.bind(devices)
    devices.getUserMedia = async constraints => {
      note('camera asked')
      const stream = await getUserMedia(constraints)
      note('camera granted')
      return stream
    }
  }

  const Peer = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Peer {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      this.addEventListener('connectionstatechange', () => note(`peer ${this.connectionState}`))
    }
  }

  const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject')
  if (source?.set && source.get) {
    const { set, get } = source
    Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
      get,
      set(this: HTMLMediaElement, stream: MediaProvider | null) {
        set.call(this, stream)
        if (!(this instanceof HTMLVideoElement) || stream === null) return
        note('picture attached')
        this.requestVideoFrameCallback((nowMs, frame) => {
          // `receiveTime`: the frame's last packet; `presentationTime`: handed to the compositor, decoded.
          note('first frame received', undefined, frame.receiveTime)
          note('first frame decoded', undefined, frame.presentationTime)
          note('first frame painted', undefined, nowMs)
        })
      },
    })
  }

  const onStage = (context: CanvasRenderingContext2D) => context.canvas.dataset.test === 'stage-canvas'
  const { drawImage, clearRect } = CanvasRenderingContext2D.prototype
  CanvasRenderingContext2D.prototype.drawImage = function (this: CanvasRenderingContext2D, ...values: unknown[]) {
    ;(drawImage as (...values: unknown[]) => void).apply(this, values)
    if (onStage(this)) {
      const snapshot = this.canvas.dataset.snapshot
      note('picture drawn', snapshot)
      requestAnimationFrame(() => note('picture painted', snapshot))
    }
  } as typeof drawImage
  CanvasRenderingContext2D.prototype.clearRect = function (...values) {
    clearRect.apply(this, values)
    // Marks follow in the same task: the microtask comes when they are drawn.
    if (onStage(this)) queueMicrotask(() => note('stage drawn'))
  }
}

export type Noted = { readonly what: string; readonly atMs: number; readonly more?: unknown }
declare global {
  interface Window {
    /** Set by `watchPage`. */
    readonly noted: Noted[]
  }
}
