import type { CallView } from '../../../signaling/protocol/call.ts'
import { newId } from '../../../signaling/protocol/new-id.ts'
import { SIMULATED_SCENARIOS } from './simulated-assist.ts'

/** SIMULATED: the view of a call that has just begun to ring. */
export function ringingView(from: string, secondsAgo: number): CallView {
  return {
    callId: newId('call'),
    from,
    to: '4008001234',
    direction: 'in',
    phase: 'ringing',
    rangAt: new Date(Date.now() - secondsAgo * 1000).toISOString(),
    voice: 'here',
    agentVoice: 'none',
    heldByCaller: false,
    callerVoice: true,
    camera: 'none',
    scenario: { id: 'repair', title: { 'zh-CN': '报修指导', en: 'Repair' } },
    tools: SIMULATED_SCENARIOS[0]?.tools ?? [],
    consents: {},
    rung: 'live',
    holdStill: false,
    onlookers: [],
    recording: 'off',
  }
}
