import { type Grey, greyOfRgba } from './grey.ts'
import type { FrameData, TrackingAnswer, TrackingQuestion } from './messages.ts'
import { Scene } from './scene.ts'

const imageOf = ({ width, height, rgba }: FrameData): Grey => greyOfRgba(new Uint8Array(rgba), width, height)

/** What the worker does with a question; a function of its own, so that it runs without one too. */
export function newTracking(nowMs: () => number): (question: TrackingQuestion) => TrackingAnswer | undefined {
  const scene = new Scene()
  return question => {
    switch (question.kind) {
      case 'frame': {
        const startedAt = nowMs()
        const poses = scene.update(imageOf(question.data))
        return { kind: 'frame', frameId: question.frameId, poses, tookMs: nowMs() - startedAt }
      }
      case 'pen': {
        const { frameId, data, x, y, newId } = question
        return { kind: 'pen', frameId, down: scene.penDown(imageOf(data), x, y, newId) }
      }
      case 'features':
        scene.addFeatures(question.placeId, question.features, question.box)
        return undefined
      case 'box':
        scene.setBox(question.placeId, question.box)
        return undefined
      case 'remove':
        scene.remove(question.placeId)
        return undefined
    }
  }
}
