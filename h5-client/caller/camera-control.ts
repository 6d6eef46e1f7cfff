import { assertNever } from '../../signaling/protocol/assert-never.ts'
import type { CameraControl, ControlOutcome } from '../../signaling/protocol/phone.ts'
import type { Camera } from './camera.ts'
import { abilitiesOf, operable } from './camera-abilities.ts'
import type { PhoneSignaling } from './phone-signaling.ts'

export type ControlledCamera = Pick<Camera, 'track' | 'setTorch' | 'setZoom' | 'focusOn' | 'alive'>
export type CameraControlOptions = {
  readonly signaling: PhoneSignaling
  readonly camera: () => ControlledCamera | undefined
  /** Whether the caller lets the agent operate the camera; asks once when that is not known. */
  readonly mayOperate: () => Promise<boolean>
  /** More detail and fewer frames; the screen asks to hold still. */
  readonly holdStill: (on: boolean) => Promise<void>
}

/** Operates the camera as the agent wishes and the caller allows, and tells what came of it. */
export class CameraControlService {
  readonly #o: CameraControlOptions
  readonly #stop: () => void

  constructor(o: CameraControlOptions) {
    this.#o = o
    this.#stop = o.signaling.on('camera.control', ({ control }) => void this.#answer(control))
  }

  /** Probes the running camera and tells the agent; after every change of camera again. */
  async tellAbilities(): Promise<void> {
    const camera = this.#o.camera()
    if (camera === undefined || !camera.alive) return
    const abilities = await abilitiesOf(camera.track)
    try {
      // The camera is often quicker than the first connection.
      await this.#o.signaling.opened()
      await this.#o.signaling.request('camera.abilities', { abilities })
    } catch {
      // Told again with the next camera.
    }
  }

  close(): void {
    this.#stop()
  }

  async #answer(wanted: CameraControl): Promise<void> {
    const { control, outcome } = await this.#operate(wanted)
    await this.#o.signaling.request('camera.controlled', { control, outcome }).catch(() => {
      // The agent sees in the picture what happened.
    })
  }

  async #operate(control: CameraControl): Promise<{ control: CameraControl; outcome: ControlOutcome }> {
    try {
      if (control.kind === 'hold-still') {
        await this.#o.holdStill(control.on)
        return { control, outcome: 'done' }
      }
      if (!(await this.#o.mayOperate())) return { control, outcome: 'no-consent' }
      const camera = this.#o.camera()
      if (camera === undefined) return { control, outcome: 'failed' }
      const can = operable(camera.track)
      switch (control.kind) {
        case 'torch':
          if (!can.torch) return { control, outcome: 'unsupported' }
          await camera.setTorch(control.on)
          return { control, outcome: 'done' }
        case 'zoom':
          if (can.zoom === undefined) return { control, outcome: 'unsupported' }
          // What the lens could do, not what was wished: the agent's slider follows the lens.
          return { control: { kind: 'zoom', ratio: await camera.setZoom(control.ratio) }, outcome: 'done' }
        case 'focus':
          if (!can.focusPoint) return { control, outcome: 'unsupported' }
          await camera.focusOn(control.at[0], control.at[1])
          return { control, outcome: 'done' }
        default:
          return assertNever(control)
      }
    } catch {
      return { control, outcome: 'failed' }
    }
  }
}
