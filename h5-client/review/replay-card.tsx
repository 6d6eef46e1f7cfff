import type { Card } from '../../signaling/protocol/page.ts'
import type { StagePage } from '../../signaling/protocol/stage.ts'
import { usePushReviewWords } from './replay-screen.tsx'

/** A pushed card as the caller read it, and what the phone had said of it by then. */
export function ReplayCard({ card, phone }: { card: Card; phone: StagePage['phone'] }) {
  const words = usePushReviewWords()
  const about = words.about[card.kind === 'link' ? 'link' : card.about]
  const state = phone.copied.length > 0 ? 'copied' : phone.seen ? 'seen' : phone.loaded ? 'loaded' : 'sent'
  return (
    <article class="replay-card" data-test="replay-card" data-state={state}>
      <p class="quiet">{about}</p>
      {card.title ? <h3>{card.title}</h3> : null}
      {card.kind === 'link' ? (
        <p class="value">{card.url}</p>
      ) : (
        <dl>
          {card.rows.map((row, index) => (
            <div key={index}>
              <dt>{row.label}</dt>
              <dd class="value">
                {row.value}
                {phone.copied.includes(index) ? <span class="copied">{words.states.copied}</span> : null}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <p class="quiet">{words.states[state]}</p>
    </article>
  )
}
