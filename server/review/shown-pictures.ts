import { watermarked } from '../../media/picture/watermark.ts'
import type { CallFiles } from '../../recordings/vault/call-files.ts'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'

/** The time in a watermark is that of the look; another one within this is the same look. */
const KEEP_MS = 60_000
const MAX_KEPT_BYTES = 48 * 1024 * 1024

type Shown = { readonly bytes: Buffer; readonly untilMs: number }

/** Pictures of records as they are shown: with the viewer's name and the time burnt in. Kept for a minute, for pages ask twice. */
export class ShownPictures {
  readonly #kept = new Map<string, Shown>()
  #bytes = 0

  async show(o: {
    files: CallFiles
    callId: CallId
    path: string
    userId: UserId
    lines: readonly string[]
    widthPx?: number | undefined
  }): Promise<Buffer> {
    const key = `${o.userId} ${o.callId} ${o.path} ${o.widthPx ?? ''}`
    const known = this.#kept.get(key)
    if (known && known.untilMs > Date.now()) return known.bytes
    const bytes = await watermarked(await o.files.read(o.path), o.lines, { widthPx: o.widthPx })
    this.#drop(key)
    this.#kept.set(key, { bytes, untilMs: Date.now() + KEEP_MS })
    this.#bytes += bytes.length
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= MAX_KEPT_BYTES) break
      this.#drop(oldest)
    }
    return bytes
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes.length ?? 0
    this.#kept.delete(key)
  }
}
