import type { AgentPage } from '../agent-page.ts'
import type { Baresip } from './baresip.ts'

/** The agent hears the caller's tone, and then its own come back from the caller's ear. */
export async function bothHear(o: {
  agent: AgentPage
  peer: Baresip
  callerHz: number
  agentHz: number
}): Promise<void> {
  await o.agent.hears(o.callerHz)
  await o.peer.echo(true)
  await o.agent.hears(o.agentHz)
  await o.peer.echo(false)
}
