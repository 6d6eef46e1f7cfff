import type { RequestData, RequestName, RequestReply } from '../../signaling/protocol/catalogue.ts'
import type { MarkId } from '../../signaling/protocol/ids.ts'
import type { Anchor, Mark, Point } from '../../signaling/protocol/mark.ts'
import { placeIdOf } from '../shared/live/live-tracking.ts'
import { apply, type Homography } from '../shared/tracking/homography.ts'

export type Request = <N extends RequestName>(name: N, data: RequestData<N>) => Promise<RequestReply<N>>
/** The place under the pen has no texture: a mark there would not stick. */
export class NothingToHold extends Error {}

export type Anchoring = {
  readonly anchor: Anchor
  /** Held frame → anchor frame; undefined when they are the same. */
  readonly toAnchor: Homography | undefined
}

/** To which frame each mark drawn here belongs; between the pen and the server its points are mapped onto that frame. */
export class Anchorings {
  readonly #request: Request
  readonly #current: () => Promise<Anchoring> | undefined
  readonly #asked = new Map<MarkId, Promise<Anchoring>>()
  readonly #known = new Map<MarkId, Anchoring>()
  readonly #told = new Set<string>()

  /** `current`: what the pen draws on in this moment. */
  constructor(request: Request, current: () => Promise<Anchoring> | undefined) {
    this.#request = request
    this.#current = current
  }

  /** Where the mark belongs, once that is known. */
  of(id: MarkId): Anchoring | undefined {
    return this.#known.get(id)
  }

  get anchors(): readonly Anchor[] {
    return [...this.#known.values()].map(one => one.anchor)
  }

  forget(): void {
    this.#asked.clear()
    this.#known.clear()
    this.#told.clear()
  }

  /** Stands for the plain request; everything but strokes on the moving picture passes unchanged. */
  readonly wire: Request = (name, data) => {
    if (name !== 'mark.begin' && name !== 'mark.extend') return this.#request(name, data)
    const drawn = data as RequestData<'mark.begin' | 'mark.extend'>
    if (drawn.on !== 'live') return this.#request(name, data)
    const id = 'mark' in drawn ? drawn.mark.id : drawn.markId
    if ('mark' in drawn) this.#remember(id, this.#current())
    const anchoring = this.#asked.get(id)
    if (anchoring === undefined) return Promise.reject(new NothingToHold())
    return anchoring.then(({ anchor, toAnchor }) => {
      const map = (points: readonly Point[]) => points.map(point => mapped(point, toAnchor))
      if (!('mark' in drawn)) return this.#request(name, { ...drawn, points: map(drawn.points) } as typeof data)
      const mark = { ...drawn.mark, points: map(drawn.mark.points) }
      return this.#request(name, { ...drawn, mark, anchor: this.#asTold(anchor) } as typeof data)
    })
  }

  #remember(id: MarkId, anchoring: Promise<Anchoring> | undefined): void {
    if (anchoring === undefined) return
    this.#asked.set(id, anchoring)
    anchoring.then(
      known => this.#known.set(id, known),
      () => this.#asked.delete(id),
    )
  }

  /** Features travel once for each anchor. */
  #asTold(anchor: Anchor): Anchor {
    const { features, ...rest } = anchor
    if (features === undefined || this.#told.has(placeIdOf(anchor))) return rest
    this.#told.add(placeIdOf(anchor))
    return anchor
  }
}

/** A mark drawn on the held frame as it lies on the anchor frame. */
export function ontoAnchor(mark: Mark, { toAnchor }: Anchoring): Mark {
  if (toAnchor === undefined) return mark
  const points = mark.points.map(([x, y]): Point => {
    const to = apply(toAnchor, x, y)
    return [to.x, to.y]
  })
  return { ...mark, points }
}

/** As it travels: inside the anchor frame, rounded like every point. */
function mapped(point: Point, h: Homography | undefined): Point {
  if (h === undefined) return point
  const to = apply(h, point[0], point[1])
  const unit = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000
  return [unit(to.x), unit(to.y)]
}
