import type { types } from 'mediasoup'
import type { CallId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { Logger } from '../logger.ts'
import { Camera, type CameraOptions, type CameraQuality } from './camera.ts'
import { RoomError } from './room-error.ts'
import type { Viewers } from './viewers.ts'

type RoomCameraOptions = Omit<CameraOptions, 'producer' | 'participantId'> & {
  readonly callId: CallId
  readonly viewers: Pick<Viewers, 'offer'>
  readonly logger: Logger
}

/** The one camera of a room: a newer one takes the older's place. The caller may pause it, the card shutter shuts whichever it is. */
export class RoomCamera {
  readonly #o: RoomCameraOptions
  #camera: Camera | undefined
  #pausedByCaller = false
  #shut = false
  #closed = false

  constructor(o: RoomCameraOptions) {
    this.#o = o
  }

  get producerId(): string | undefined {
    return this.#camera?.producer.id
  }
  get isShut(): boolean {
    return this.#shut
  }

  async use(participantId: ParticipantId, producer: types.Producer): Promise<void> {
    const camera = await Camera.create({ ...this.#o, participantId, producer })
    if (this.#closed) {
      camera.close()
      throw new RoomError('closed', 'the media room is closed')
    }
    this.#camera?.close()
    this.#camera = camera
    // A new camera begins with no pause of the caller's; the shutter may have moved while it was made.
    this.#pausedByCaller = false
    if (this.#shut) await camera.pause()
    else if (producer.paused) await producer.resume()
    producer.observer.once('close', () => {
      camera.close()
      if (this.#camera === camera) this.#camera = undefined
    })
    // Viewers first: their pages build their half while the tap starts.
    await Promise.all([this.#o.viewers.offer({ id: producer.id, kind: 'video' }), camera.start()])
  }

  async pause(): Promise<void> {
    this.#pausedByCaller = true
    await this.#camera?.pause()
  }

  async resume(): Promise<void> {
    this.#pausedByCaller = false
    if (!this.#shut) await this.#camera?.resume()
  }

  /** Never rejects. A pause of the caller's outlasts it. */
  async shut(shut: boolean): Promise<void> {
    this.#shut = shut
    const camera = this.#camera
    try {
      if (shut) await camera?.pause()
      else if (!this.#pausedByCaller) await camera?.resume()
    } catch (error) {
      this.#o.logger.warn({ callId: this.#o.callId, err: error }, 'the camera could not be shut or opened')
      if (shut) camera?.close()
    }
  }

  requestKeyFrame(): void {
    this.#camera?.requestKeyFrame()
  }

  /** For a viewer who is ready now: packets that came before are lost to it. */
  viewerReady(): void {
    if (this.#camera?.hasPackets === true) this.#camera.requestKeyFrame()
  }

  stats() {
    return this.#camera?.stats()
  }

  async quality(): Promise<CameraQuality | undefined> {
    return await this.#camera?.quality()
  }

  /** Of this participant. */
  stop(participantId: ParticipantId): void {
    if (this.#camera?.participantId === participantId) this.#camera.close()
  }

  close(): void {
    this.#closed = true
    this.#camera?.close()
  }
}
