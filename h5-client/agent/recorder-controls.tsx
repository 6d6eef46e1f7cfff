import { useState } from 'preact/hooks'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'

/** Where the kind of call leaves it to the agent: start and stop, and the flags that its rules ask for. */
export function RecorderControls({ call }: { call: JoinedCall }) {
  const { desk, words, language } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const { scenarios } = useStore(desk.state)
  // What was just ticked, until the server has answered.
  const [asked, setAsked] = useState<{ readonly id: string; readonly on: boolean } | undefined>()
  const { capture, flags = [], scenario, phase } = call.view
  if (!capture) return null
  const known = scenarios.find(one => one.id === scenario.id)?.flags ?? []
  const isSet = (id: string) => (asked?.id === id ? asked.on : flags.includes(id))
  const setFlag = async (id: string, on: boolean) => {
    setAsked({ id, on })
    await desk.assist.flag(id, on)
    setAsked(undefined)
  }
  const on = capture.voice && capture.picture
  return (
    <>
      {capture.mayStart ? (
        <button
          type="button"
          class={on ? 'button wide pressed' : 'button wide'}
          data-test="record"
          aria-pressed={on}
          disabled={phase !== 'talking' || busy.has('recording') || capture.shutter !== undefined}
          onClick={() => void (on ? desk.assist.stopRecording() : desk.assist.startRecording())}
        >
          <Icon name={on ? 'pause' : 'live'} />
          {on ? words.capture.stop : words.capture.start}
        </button>
      ) : null}
      {known.length > 0 ? (
        <fieldset class="flags" data-test="flags">
          <legend>{words.capture.flags}</legend>
          {known.map(flag => (
            <label key={flag.id} class="check">
              <input
                type="checkbox"
                data-test={`flag-${flag.id}`}
                checked={isSet(flag.id)}
                disabled={busy.has('flag')}
                onChange={event => void setFlag(flag.id, event.currentTarget.checked)}
              />
              {flag.title[language]}
            </label>
          ))}
        </fieldset>
      ) : null}
    </>
  )
}
