import type { Card } from '../../signaling/protocol/page.ts'
import { useBench } from './bench.ts'

/** A text card as the caller reads it, in large type. */
export function CardOnStage({ card }: { card: Card }) {
  const { words } = useBench()
  return (
    <article class="stage-card" data-test="stage-card" data-kind={card.kind}>
      <p class="stage-card-kind">{card.kind === 'link' ? words.wb.cards.link : words.wb.cards[card.about]}</p>
      <h3>{card.title}</h3>
      {card.kind === 'link' ? (
        <p class="stage-card-value wrap">{card.url}</p>
      ) : (
        <dl>
          {card.rows.map((row, index) => (
            <div key={index}>
              <dt>{row.label}</dt>
              <dd class="wrap">{row.value}</dd>
            </div>
          ))}
        </dl>
      )}
    </article>
  )
}
