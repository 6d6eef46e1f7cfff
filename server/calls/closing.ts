import type { CallEnd } from '../../signaling/protocol/call.ts'
import type { AnsweredCall } from './answered-call.ts'
import type { Call } from './call.ts'
import { rejection } from './call-end.ts'
import type { CallMedia } from './call-media.ts'
import type { CallDeps } from './call-parts.ts'

/**
 * Ends a call in this order: the caller's line, the evidence (tracks, last entry), everybody told, media closed,
 * archive sealed. A failing step is reported and never keeps the later ones from running.
 */
export async function closing(o: {
  call: Call
  end: CallEnd
  media: CallMedia | undefined
  /** Opened when an agent takes the call; whether the call was then talked on, its `answeredAt` says. */
  answered: AnsweredCall | undefined
  deps: CallDeps
}): Promise<void> {
  const { call, end, answered, deps } = o
  const answeredAt = answered?.answeredAt
  const endedAtMs = call.clock.nowMs()
  const step = async (name: string, run: () => unknown) => {
    try {
      await run()
    } catch (error) {
      deps.events.fault(name, error)
    }
  }
  const line = step('hang up', () => {
    const { voice } = call
    // A call of ours that nobody has answered is given up by whoever dialled; one that was bridged goes on.
    if (voice.place !== 'here' || voice.answeredLeg === undefined || voice.handedOver) return undefined
    if (answeredAt) return voice.leg.hangUp(end.cause)
    const { status, reason } = rejection(end)
    // An abandoned call has had its 487 already.
    if (end.cause !== 'abandoned') voice.leg.reject(status, reason)
    return undefined
  })
  answered?.capture.close()
  answered?.camera.close()
  answered?.share.close()
  answered?.invite.close()
  answered?.rebind.close()
  answered?.shutter.close()
  await step('uploads', () => answered?.uploads.close())
  // Before the last entry, so that the seal covers every picture that was being written.
  await step('pages', () => answered?.pages.close())
  await step('voice', () => o.media?.close())
  const { voice } = call
  if (voice.place !== 'here') await step('recorded voice', () => voice.close())
  if (answered && answeredAt) {
    await step('tracks', () => answered.archive.closeTracks())
    await step('counts', () => answered.capture.report())
    await step('journal', () => answered.log.write({ type: 'call.ended', end }))
  }
  call.changed()
  call.caller.close()
  call.onlookers.changed()
  call.onlookers.close()
  deps.guests.callEnded(call.id)
  await line
  deps.events.callEnded(call.id, end, call.clock.nowMs())
  if (!answered) return
  if (!answeredAt) {
    await step('discard', () => answered.archive.discard())
    return
  }
  const agent = call.seat?.agent
  if (!agent) return
  try {
    const manifest = await answered.archive.seal({
      end,
      endedAtMs,
      facts: {
        from: call.voice.from,
        to: call.voice.to,
        agent,
        answeredAt: answeredAt.toISOString(),
        participants: [...answered.participants.all],
      },
      key: deps.sealKey,
    })
    deps.events.sealed(call.id, 'sealed')
    deps.events.reconciled(call.id, manifest.findings ?? [])
    await step('index', () => deps.sealed(manifest, answered.archive.folder))
  } catch (error) {
    deps.events.sealed(call.id, 'failed', error)
  }
}
