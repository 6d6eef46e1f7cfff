import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { type JoinedCall, liveCall } from './desk-state.ts'

/** What kind of call this is: it decides which tools are here, what is asked and what is kept. */
export function ScenarioChoice({ call }: { call: JoinedCall }) {
  const { desk, words, language } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const { scenarios, joined } = useStore(desk.state)
  const { id, title } = call.view.scenario
  const known = scenarios.some(one => one.id === id)
  return (
    <label class="inline-field scenario">
      <span>{words.wb.scenario}</span>
      <select
        data-test="scenario"
        value={id}
        disabled={!joined || !liveCall(desk.state.get()) || busy.has('scenario') || scenarios.length < 2}
        onChange={event => void desk.assist.choose(event.currentTarget.value)}
      >
        {known ? null : <option value={id}>{title[language]}</option>}
        {scenarios.map(one => (
          <option key={one.id} value={one.id}>
            {one.title[language]}
          </option>
        ))}
      </select>
    </label>
  )
}
