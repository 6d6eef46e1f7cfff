import { useMemo, useState } from 'preact/hooks'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { placeText } from '../shared/console/durations.ts'
import { useStore } from '../shared/console/use-store.ts'
import { useFileAddress } from './file-address.ts'
import { type PageReadings, pageReadings } from './page-readings.ts'
import { PictureBoxes } from './picture-boxes.tsx'
import { PictureText } from './picture-text.tsx'
import type { ReplayProps } from './record-props.ts'

import { useSpeech } from './review-words.ts'

/** A line of a reading: which reading, which line. */
export type LineAt = { readonly reading: number; readonly line: number }

/** Every picture of the call beside what was read in it. */
export function PictureDesk({ state, index, player }: ReplayProps) {
  const { words, number } = useSpeech()
  const { atMs } = useStore(player.state)
  const pages = useMemo(() => pageReadings(index.entries), [index])
  // What was newest at this moment of the call, until a reviewer chooses another.
  const newest = pages.findLast(one => one.addedAtMs <= atMs) ?? pages[0]
  const [chosen, setChosen] = useState<PageReadings | undefined>()
  const shown = chosen ?? newest
  const { callId } = state.opened.record
  const fileAddress = useFileAddress()
  if (!shown) return <p class="picture-desk page-state">{words.replay.noPictures}</p>
  return (
    <div class="picture-desk" data-test="picture-desk">
      <ol class="picture-strip">
        {pages.map((one, position) => (
          <li key={one.page.page.id}>
            <button
              type="button"
              aria-pressed={one === shown}
              title={placeText(one.addedAtMs)}
              onClick={() => setChosen(one)}
            >
              <img src={fileAddress(callId, one.page.picture?.file ?? '')} alt="" loading="lazy" />
              <span>
                {number(position + 1)} · {placeText(one.addedAtMs)}
              </span>
            </button>
          </li>
        ))}
      </ol>
      <Shown key={shown.page.page.id} shown={shown} callId={callId} onGo={() => player.seek(shown.addedAtMs)} />
    </div>
  )
}

type ShownProps = {
  readonly shown: PageReadings
  readonly callId: CallId
  readonly onGo: () => void
}

function Shown({ shown, callId, onGo }: ShownProps) {
  const { words } = useSpeech()
  const [line, setLine] = useState<LineAt | undefined>()
  const fileAddress = useFileAddress()
  const { picture } = shown.page
  if (!picture) return null
  return (
    <div class="picture-and-text">
      <figure>
        <PictureBoxes shown={shown} address={fileAddress(callId, picture.file)} line={line} onLine={setLine} />
        <figcaption class="row between">
          <span class="quiet">
            {picture.widthPx}×{picture.heightPx} · {words.replay.sources[picture.source]}
          </span>
          <button type="button" class="button" onClick={onGo}>
            {words.replay.goTo}
          </button>
        </figcaption>
      </figure>
      <PictureText shown={shown} line={line} onLine={setLine} />
    </div>
  )
}
