// Follows the marks on the moving picture, beside the page and not in it.
import type { TrackingAnswer, TrackingQuestion } from '../shared/tracking/messages.ts'
import { newTracking } from '../shared/tracking/work.ts'

const answer = newTracking(() => performance.now())
const post = (message: TrackingAnswer) => self.postMessage(message)

self.addEventListener('message', (event: MessageEvent<TrackingQuestion>) => {
  const said = answer(event.data)
  if (said) post(said)
})
