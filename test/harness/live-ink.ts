import type { Locator } from 'playwright-core'

export type LiveSample = {
  /** Middle of the cyan disc in the video, 0..1 of the picture; undefined while it is not seen whole enough. */
  readonly disc: { readonly x: number; readonly y: number } | undefined
  /** Middle of the red ink on the canvas above it, 0..1 of the picture. */
  readonly ink: { readonly x: number; readonly y: number } | undefined
  readonly unseen: number
  readonly isNoticeShown: boolean
}

/** What a page shows at this moment: where the object is in the video, and where the mark is on the canvas over it. */
export function sampleLive(stage: Locator, video: string, canvas: string): Promise<LiveSample> {
  return stage.evaluate(
    (_, o) => {
      const find = <E extends Element>(name: string) => document.querySelector<E>(`[data-test="${name}"]`)
      const player = find<HTMLVideoElement>(o.video)
      const layer = find<HTMLCanvasElement>(o.canvas)
      const notice = find<HTMLElement>('live-lost')
      const middle = (
        picture: CanvasImageSource,
        width: number,
        height: number,
        isIt: (r: number, g: number, b: number, a: number) => boolean,
        least: number,
      ) => {
        const canvas = document.createElement('canvas')
        canvas.width = width
        canvas.height = height
        const context = canvas.getContext('2d', { willReadFrequently: true })
        if (!context || width === 0) return undefined
        context.drawImage(picture, 0, 0, width, height)
        const { data } = context.getImageData(0, 0, width, height)
        let [count, x, y] = [0, 0, 0]
        for (let at = 0; at < data.length; at += 4) {
          if (!isIt(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0, data[at + 3] ?? 0)) continue
          count += 1
          x += (at / 4) % width
          y += Math.floor(at / 4 / width)
        }
        return count < least ? undefined : { x: (x / count + 0.5) / width, y: (y / count + 0.5) / height }
      }
      if (!player || player.videoWidth === 0)
        return { disc: undefined, ink: undefined, unseen: -1, isNoticeShown: false }
      const isCyan = (r: number, g: number, b: number, a: number) => a > 200 && r < 110 && g > 140 && b > 140
      // The workbench paints the frame in which it found the marks under them; without one the video is to be seen.
      const onCanvas = o.canvas === 'live-canvas' && layer ? middle(layer, 320, 240, isCyan, 120) : undefined
      const disc = onCanvas ?? middle(player, 320, 240, isCyan, 120)
      let ink: { x: number; y: number } | undefined
      if (layer && layer.width > 0) {
        const size = { width: Math.round(layer.clientWidth), height: Math.round(layer.clientHeight) }
        const found = middle(layer, size.width, size.height, (r, g, b, a) => a > 200 && r > 180 && g < 90 && b < 90, 25)
        // Where the picture lies on the canvas: the agent's covers just the picture, the phone's the whole screen.
        const isWhole = player.classList.contains('whole') || o.canvas === 'live-canvas'
        const across = size.width / player.videoWidth
        const down = size.height / player.videoHeight
        const scale = isWhole ? Math.min(across, down) : Math.max(across, down)
        const [width, height] = [player.videoWidth * scale, player.videoHeight * scale]
        if (found) {
          ink = {
            x: (found.x * size.width - (size.width - width) / 2) / width,
            y: (found.y * size.height - (size.height - height) / 2) / height,
          }
        }
      }
      return {
        disc,
        ink,
        unseen: Number(layer?.dataset.unseen ?? -1),
        isNoticeShown: notice !== null && !notice.hidden,
      }
    },
    { video, canvas },
  )
}

/** Distance of the mark from its object in pixels of a 640 × 480 picture; undefined unless both are seen. */
export function apartPx({ disc, ink }: LiveSample): number | undefined {
  return disc && ink ? Math.hypot((disc.x - ink.x) * 640, (disc.y - ink.y) * 480) : undefined
}

/** Middle of the cyan disc on a canvas that shows a held frame, 0..1. */
export function discOn(canvas: Locator): Promise<{ x: number; y: number } | undefined> {
  return canvas.evaluate(element => {
    const layer = element as HTMLCanvasElement
    const data = layer.getContext('2d')?.getImageData(0, 0, layer.width, layer.height).data ?? []
    let [count, x, y] = [0, 0, 0]
    for (let at = 0; at < data.length; at += 4) {
      if ((data[at] ?? 0) > 110 || (data[at + 1] ?? 0) < 140 || (data[at + 2] ?? 0) < 140) continue
      count += 1
      x += (at / 4) % layer.width
      y += Math.floor(at / 4 / layer.width)
    }
    return count < 100 ? undefined : { x: x / count / layer.width, y: y / count / layer.height }
  })
}

/** How many pixels of a transparent canvas are painted. */
export function paintedPixels(canvas: Locator): Promise<number> {
  return canvas.evaluate(element => {
    const layer = element as HTMLCanvasElement
    if (layer.width === 0) return 0
    const data = layer.getContext('2d')?.getImageData(0, 0, layer.width, layer.height).data ?? []
    let count = 0
    for (let at = 3; at < data.length; at += 4) if ((data[at] ?? 0) > 8) count += 1
    return count
  })
}
