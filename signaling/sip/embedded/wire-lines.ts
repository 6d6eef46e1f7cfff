import type { Flow } from './flow.ts'
import { controlName } from './transport-protocol.ts'

/** Where a message came from or went to, as the control protocol tells it. */
export type WireEnd = {
  readonly source: 'network' | 'application'
  readonly bytes: number
  readonly protocol: string
  readonly address: string
  readonly port: number
}

/** `HH:MM:SS.uuuuuu` in UTC, now. */
export function wireTime(): string {
  const nowMs = performance.timeOrigin + performance.now()
  const micros = Math.floor((nowMs % 1000) * 1000)
  return `${new Date(nowMs).toISOString().slice(11, 19)}.${String(micros).padStart(6, '0')}`
}

export function networkEnd(flow: Flow, bytes: number): WireEnd {
  return { source: 'network', bytes, protocol: flow.protocol, address: flow.remoteAddress, port: flow.remotePort }
}

/** A response that nobody sent: 408, 503. */
export function madeUpEnd(protocol: string): WireEnd {
  return { source: 'network', bytes: 0, protocol, address: '', port: 0 }
}

function fields(end: WireEnd): string {
  return `${end.source}|${end.bytes}|${controlName(end.protocol)}|${end.address}|${end.port}|${wireTime()}`
}

/** A `sip` line to the application. `receivedOn` only for a new request outside a dialog. */
export function sipLine(
  end: WireEnd,
  transactionId: string,
  dialogId: string,
  receivedOn?: { readonly host: string; readonly port: number },
): string {
  const listening = receivedOn === undefined ? '' : `${receivedOn.host}|${receivedOn.port}|`
  return `sip|${fields(end)}|${transactionId}|${dialogId}|${listening}`
}

/** The echo of a request that the application had us send. */
export function requestEcho(msgId: string, end: WireEnd, transactionId: string): string {
  return `response|${msgId}|OK|${fields(end)}|${transactionId}|Msg sent:|`
}

/** The echo of a response; `dialogId` is read by the application for INVITE and SUBSCRIBE. */
export function responseEcho(msgId: string, end: WireEnd, transactionId: string, dialogId: string): string {
  return `response|${msgId}|OK|${fields(end)}|${transactionId}|${dialogId}||Msg sent:|`
}

/** One final response of a proxy's target. */
export function proxyContinue(msgId: string, end: WireEnd): string {
  return `response|${msgId}|OK|${fields(end)}|||continue`
}
