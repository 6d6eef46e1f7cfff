import type { Tool } from '../../signaling/protocol/scenario.ts'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'

const NONE: ReadonlySet<Tool> = new Set()

/** What the scenario of this page's call allows; nothing without a call. */
export function useTools(): ReadonlySet<Tool> {
  const { desk } = useBench()
  const tools = useStore(desk.state).joined?.view.tools
  return tools ? new Set(tools) : NONE
}
