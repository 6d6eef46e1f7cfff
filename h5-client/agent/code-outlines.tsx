import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import { fromUnit, type Rect } from '../shared/picture-rect.ts'
import { useBench } from './bench.ts'
import { codeKey } from './code-reading.ts'
import { CodeScanner } from './code-scanner.ts'
import type { JoinedCall } from './desk-state.ts'
import { useTools } from './use-tools.ts'

type Props = {
  readonly call: JoinedCall
  readonly video: RefObject<HTMLVideoElement | null>
  /** Where the video lies on the stage. */
  readonly rect: Rect
}

/** While wanted: looks for codes in the live picture, outlines them, and has each distinct one put on record once. */
export function CodeOutlines({ call, video, rect }: Props) {
  const { desk } = useBench()
  const { scanning } = useStore(desk.look.state)
  const tools = useTools()
  const [scanner, setScanner] = useState<CodeScanner | undefined>()
  const known = useRef(call.assist.codes)
  known.current = call.assist.codes
  const wanted = scanning && tools.has('codes')
  useEffect(() => {
    if (!wanted || !video.current) return
    const made = new CodeScanner({
      video: video.current,
      onNew: (rtpTimestamp, codes) => void desk.assist.sawCodes(rtpTimestamp, codes),
      isKnown: code =>
        known.current.some(
          ({ result }) => 'rtpTimestamp' in result.at && result.codes.some(one => codeKey(one) === codeKey(code)),
        ),
    })
    setScanner(made)
    return () => {
      made.close()
      setScanner(undefined)
    }
  }, [wanted, video, desk])
  return scanner ? <Outlines scanner={scanner} rect={rect} /> : null
}

function Outlines({ scanner, rect }: { scanner: CodeScanner; rect: Rect }) {
  const { words } = useBench()
  const { kind, codes } = useStore(scanner.state)
  const own = { x: 0, y: 0, width: rect.width, height: rect.height }
  const style = { left: `${rect.x}px`, top: `${rect.y}px` }
  return (
    <>
      <svg
        class="stage-overlay"
        data-test="code-outlines"
        data-codes={codes.length}
        aria-hidden="true"
        style={style}
        width={rect.width}
        height={rect.height}
      >
        {codes.map(code => {
          const places = code.corners.map(corner => fromUnit(own, corner))
          return (
            <polygon
              key={codeKey(code)}
              class="outline"
              points={places.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}
            />
          )
        })}
      </svg>
      <p class="scan-state" role="status" data-test="scan-state" data-state={kind}>
        {codes[0] ? <strong class="wrap">{codes[0].text}</strong> : words.wb.scan[kind]}
      </p>
    </>
  )
}
