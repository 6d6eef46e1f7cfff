import type { RequestHandlers } from '../../../signaling/ws/handler.ts'
import type { Context, RequestTools } from './request-context.ts'

type Names =
  | 'stage.freeze'
  | 'stage.page'
  | 'stage.live'
  | 'still.failed'
  | 'text.read'
  | 'text.correct'
  | 'codes.read'
  | 'codes.seen'

export function pictureRequests(tools: RequestTools): Pick<RequestHandlers<Context>, Names> {
  return {
    'stage.freeze': async (context, { callId }) => {
      const startedMs = performance.now()
      const { call, by } = tools.own(context, callId)
      const pageId = await call.live.shutter.press(by)
      tools.events.snapshotTaken(callId, performance.now() - startedMs)
      return { pageId }
    },
    'stage.page': async (context, { callId, pageId }) => {
      const { call, by } = tools.own(context, callId)
      call.live.stage.showPage(by, pageId)
      return {}
    },
    'stage.live': async (context, { callId }) => {
      const { call, by } = tools.own(context, callId)
      call.live.stage.showLive(by)
      return {}
    },
    'still.failed': async (context, { pageId, reason }) => {
      const { call, participantId } = tools.callerOf(context)
      call.live.shutter.failed(participantId, pageId, reason)
      return {}
    },
    'text.read': async (context, { callId, pageId, region }) => {
      const { call, by } = tools.own(context, callId)
      const { reading, scenario, shutter, stage } = call.live
      scenario.require('text')
      await shutter.better(pageId)
      return reading.text(by, stage.page(pageId), region)
    },
    'text.correct': async (context, { callId, reading, text }) => {
      const { call, by } = tools.own(context, callId)
      call.live.reading.correct(by, reading, text)
      return {}
    },
    'codes.read': async (context, { callId, pageId, region }) => {
      const { call, by } = tools.own(context, callId)
      const { reading, scenario, shutter, stage } = call.live
      scenario.require('codes')
      await shutter.better(pageId)
      return reading.codes(by, stage.page(pageId), region)
    },
    'codes.seen': async (context, { callId, rtpTimestamp, codes }) => {
      const { call, by } = tools.own(context, callId)
      const { reading, scenario } = call.live
      scenario.require('codes')
      return reading.seen(by, rtpTimestamp, codes)
    },
  }
}
