import { useRef } from 'preact/hooks'
import { usePicture } from '../shared/console/use-picture.ts'
import { useSize } from '../shared/console/use-size.ts'
import { containRect } from '../shared/picture-rect.ts'
import type { PageReadings } from './page-readings.ts'
import type { LineAt } from './picture-desk.tsx'
import { useSpeech } from './review-words.ts'

type Props = {
  readonly shown: PageReadings
  readonly address: string
  readonly line: LineAt | undefined
  readonly onLine: (line: LineAt) => void
}

/** A picture with a box around every line that was read; a box is a button that leads to its line. */
export function PictureBoxes({ shown, address, line, onLine }: Props) {
  const { words } = useSpeech()
  const box = useRef<HTMLDivElement>(null)
  const size = useSize(box)
  const picture = usePicture(address)
  const { widthPx = 0, heightPx = 0 } = shown.page.picture ?? {}
  const rect = containRect(size, { width: widthPx, height: heightPx })
  const percent = (share: number) => `${share * 100}%`
  return (
    <div class="picture-boxes" ref={box}>
      {picture.kind === 'ready' ? (
        <div
          class="boxed"
          style={{ left: `${rect.x}px`, top: `${rect.y}px`, width: `${rect.width}px`, height: `${rect.height}px` }}
        >
          <img src={address} alt="" />
          {shown.readings.flatMap(({ result }, reading) =>
            result.lines.map(({ text, box: at }, index) => (
              <button
                key={`${reading}-${index}`}
                type="button"
                class="text-box"
                data-test="text-box"
                aria-label={text}
                aria-pressed={line?.reading === reading && line.line === index}
                style={{
                  left: percent(at.x),
                  top: percent(at.y),
                  width: percent(at.width),
                  height: percent(at.height),
                }}
                onClick={() => onLine({ reading, line: index })}
              />
            )),
          )}
          <svg class="code-outlines" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
            {shown.codes.map(({ corners }, index) => (
              <polygon key={index} points={corners.map(corner => corner.join(',')).join(' ')} />
            ))}
          </svg>
        </div>
      ) : (
        <p>{picture.kind === 'failed' ? words.pictureFailed : words.loadingPicture}</p>
      )}
    </div>
  )
}
