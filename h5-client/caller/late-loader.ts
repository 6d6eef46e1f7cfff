import type { RtpCapabilities } from '../../signaling/protocol/media.ts'
import type { Late } from './late.ts'
import { LATE_URL } from './late-url.ts'

/** The late bundle, fetched once; a fetch that failed is made again for the next tap. */
export class LateLoader {
  readonly #routerRtpCapabilities: RtpCapabilities | undefined
  #late: Promise<Late> | undefined

  constructor(routerRtpCapabilities: RtpCapabilities | undefined) {
    this.#routerRtpCapabilities = routerRtpCapabilities
  }

  load(): Promise<Late> {
    if (this.#late !== undefined) return this.#late
    const module = import(LATE_URL) as Promise<typeof import('./late.ts')>
    const loading = module.then(({ Late: Loaded }) => new Loaded(this.#routerRtpCapabilities))
    this.#late = loading
    loading.catch(() => {
      this.#late = undefined
    })
    return loading
  }
}
