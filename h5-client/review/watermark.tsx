import { useEffect, useState } from 'preact/hooks'
import { useSpeech } from './review-words.ts'

/** How often the time in it is renewed: a photo of the screen tells the minute. */
const RENEW_MS = 15_000
const TIMES = 12

/** Who looks, and when, over everything that is shown: a photo of the screen names its photographer. */
export function Watermark({ name, lines }: { name: string; lines: readonly string[] }) {
  const { words, time } = useSpeech()
  const [now, setNow] = useState(() => new Date().toISOString())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date().toISOString()), RENEW_MS)
    return () => clearInterval(timer)
  }, [])
  // The server's lines are name, time of opening and call; here the time is that of looking.
  const [viewer = name, , callId] = lines
  const text = words.replay.watermark(callId ? `${viewer} · ${callId}` : viewer, time(now))
  return (
    <div class="watermark" aria-hidden="true" data-test="watermark">
      {Array.from({ length: TIMES }, (_, index) => (
        <span key={index}>{text}</span>
      ))}
    </div>
  )
}
