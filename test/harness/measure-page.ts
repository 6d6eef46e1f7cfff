import type { Locator, Page } from 'playwright-core'
import { type FrameCode, readCode } from './counter-code.ts'

export type HeardTone = { readonly hz: number; readonly levelDb: number }

/**
 * The strongest frequency among the page's received live audio tracks, measured over `listenMs` with an AudioContext
 * (48 kHz, windows of 4096); undefined when nothing louder than -60 dB came. Only for the agent's and the reviewer's
 * pages: the caller's page has no sound.
 */
export async function heardTone(page: Page, listenMs = 1000): Promise<HeardTone | undefined> {
  return page.evaluate(async ms => {
    const tracks = window.observedPeers
      .filter(peer => peer.connectionState === 'connected')
      .flatMap(peer => peer.getReceivers().map(receiver => receiver.track))
      .filter(track => track.kind === 'audio' && track.readyState === 'live')
    const context = new AudioContext({ sampleRate: 48_000 })
    try {
      const analysers = tracks.map(track => {
        const analyser = context.createAnalyser()
        analyser.fftSize = 4096
        analyser.smoothingTimeConstant = 0
        context.createMediaStreamSource(new MediaStream([track])).connect(analyser)
        return analyser
      })
      await context.resume()
      let best = { hz: 0, levelDb: Number.NEGATIVE_INFINITY }
      const bins = new Float32Array(2048)
      const endMs = performance.now() + ms
      while (performance.now() < endMs) {
        await new Promise(done => setTimeout(done, 60))
        for (const analyser of analysers) {
          analyser.getFloatFrequencyData(bins)
          for (let bin = 8; bin < 400; bin += 1) {
            const levelDb = bins[bin] ?? Number.NEGATIVE_INFINITY
            if (levelDb > best.levelDb) best = { hz: (bin * 48_000) / 4096, levelDb }
          }
        }
      }
      return best.levelDb > -60 ? best : undefined
    } finally {
      await context.close()
    }
  }, listenMs)
}

/** How many live audio tracks the page receives on connected peer connections. */
export async function receivedAudioTracks(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      window.observedPeers
        .filter(peer => peer.connectionState === 'connected')
        .flatMap(peer => peer.getReceivers())
        .filter(receiver => receiver.track.kind === 'audio' && receiver.track.readyState === 'live').length,
  )
}

const READ_CODE = readCode.toString()

/** The code in a <video>, <img> or <canvas>, from its pixels as decoded (not as laid out). */
export async function codeIn(element: Locator): Promise<FrameCode | undefined> {
  return element.evaluate((node, source) => {
    const width =
      node instanceof HTMLVideoElement ? node.videoWidth : node instanceof HTMLImageElement ? node.naturalWidth : 640
    const height =
      node instanceof HTMLVideoElement ? node.videoHeight : node instanceof HTMLImageElement ? node.naturalHeight : 480
    if (width === 0 || height === 0) return undefined
    const canvas = document.createElement('canvas')
    canvas.width = width
    canvas.height = height
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) return undefined
    context.drawImage(node as CanvasImageSource, 0, 0, width, height)
    const read = new Function(`return (${source})`)() as (pixels: {
      data: ArrayLike<number>
      width: number
      height: number
      channels: number
    }) => { camera: number; counter: number } | undefined
    return read({ data: context.getImageData(0, 0, width, height).data, width, height, channels: 4 })
  }, READ_CODE)
}

export type SeenFrame = FrameCode & {
  /** Wall clock when the frame was shown. */
  readonly atMs: number
  /** Media time of a file being played. */
  readonly mediaTimeMs: number
}

/** Every frame the <video> shows during `watchMs`, by requestVideoFrameCallback. */
export async function watchFrames(video: Locator, watchMs: number): Promise<SeenFrame[]> {
  return video.evaluate(
    async (node, { source, ms }) => {
      const element = node as HTMLVideoElement
      const read = new Function(`return (${source})`)() as (
        pixels: object,
      ) => { camera: number; counter: number } | undefined
      const canvas = document.createElement('canvas')
      const context = canvas.getContext('2d', { willReadFrequently: true })
      const seen: { camera: number; counter: number; atMs: number; mediaTimeMs: number }[] = []
      const endMs = performance.now() + ms
      await new Promise<void>(done => {
        const timer = setTimeout(done, ms + 500)
        const onFrame = (nowMs: number, frame: VideoFrameCallbackMetadata) => {
          if (performance.now() > endMs || !context) {
            clearTimeout(timer)
            done()
            return
          }
          canvas.width = element.videoWidth
          canvas.height = element.videoHeight
          context.drawImage(element, 0, 0)
          const pixels = context.getImageData(0, 0, canvas.width, canvas.height)
          const code = read({ data: pixels.data, width: canvas.width, height: canvas.height, channels: 4 })
          const atMs = performance.timeOrigin + (frame.expectedDisplayTime || nowMs)
          if (code) seen.push({ ...code, atMs, mediaTimeMs: frame.mediaTime * 1000 })
          element.requestVideoFrameCallback(onFrame)
        }
        element.requestVideoFrameCallback(onFrame)
      })
      return seen
    },
    { source: READ_CODE, ms: watchMs },
  )
}

/** Codecs of the audio that the page receives and sends, from WebRTC's own statistics, for example `in audio/PCMA`. */
export async function voiceCodecs(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const found = new Set<string>()
    for (const peer of window.observedPeers) {
      if (peer.connectionState !== 'connected') continue
      const stats: Record<string, unknown>[] = []
      for (const entry of (await peer.getStats()).values()) stats.push(entry)
      for (const entry of stats) {
        const way = entry.type === 'inbound-rtp' ? 'in' : entry.type === 'outbound-rtp' ? 'out' : undefined
        if (way === undefined || entry.kind !== 'audio') continue
        const codec = stats.find(other => other.id === entry.codecId)
        found.add(`${way} ${String(codec?.mimeType)}`)
      }
    }
    return [...found].sort()
  })
}
