import { shownPage } from '../../signaling/protocol/stage.ts'
import { CopyButton } from '../shared/console/copy-button.tsx'
import { useStore } from '../shared/console/use-store.ts'
import type { ReplayProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'

/** What the machine had read of the page on the stage, at this moment of the call. */
export function PageText({ index, player }: ReplayProps) {
  const { words, language } = useSpeech()
  const { atMs } = useStore(player.state)
  const moment = index.at(atMs)
  const page = shownPage(moment.stage)
  const read = page ? moment.texts.get(page.page.id) : undefined
  if (!read || read.text.trim() === '') return null
  const percent = new Intl.NumberFormat(language, { style: 'percent' }).format(read.confidence / 100)
  return (
    <section class="card">
      <div class="row between">
        <h2>{words.readText}</h2>
        <p class="quiet">{words.confidence(percent)}</p>
      </div>
      <pre class="page-text" data-test="replay-text">
        {read.text.trim()}
      </pre>
      <div class="row">
        <CopyButton text={read.text.trim()} words={words.common} label={words.common.copy} />
      </div>
    </section>
  )
}
