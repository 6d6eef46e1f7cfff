import type { Dialog } from './dialog.ts'
import { parseNameAddr, tagOf } from './name-addr.ts'
import type { NextHop } from './request-sender.ts'
import { SipRequest } from './sip-message.ts'
import { parseSipUri } from './sip-uri.ts'

export class UnroutableDialogError extends Error {
  override readonly name = 'UnroutableDialogError'
}

/**
 * Where a dialog's requests go (RFC 3261 12.2.1.1): loose routes first, a strict router takes the request uri's place, an open
 * connection or the NAT help before the remote target.
 * @throws UnroutableDialogError when the peer gave nothing usable.
 */
export function routeOf(dialog: Dialog): {
  readonly uri: string
  readonly routes: readonly string[]
  readonly hop: NextHop
} {
  const first = dialog.routeSet[0]
  if (first === undefined) return { uri: dialog.remoteTarget, routes: [], hop: directHop(dialog) }
  const route = parseNameAddr(first)
  const routeUri = parseSipUri(route?.uri ?? '')
  if (route === undefined || routeUri === undefined) throw new UnroutableDialogError('route set is not usable')
  const hop: NextHop =
    dialog.natHop === undefined ? { kind: 'uri', uri: routeUri } : { kind: 'target', target: dialog.natHop }
  if (routeUri.params.has('lr')) return { uri: dialog.remoteTarget, routes: dialog.routeSet, hop }
  return { uri: route.uri, routes: [...dialog.routeSet.slice(1), `<${dialog.remoteTarget}>`], hop }
}

function directHop(dialog: Dialog): NextHop {
  if (dialog.flow?.reliable === true && dialog.flow.open) return { kind: 'flow', flow: dialog.flow }
  if (dialog.natHop !== undefined) return { kind: 'target', target: dialog.natHop }
  const uri = parseSipUri(dialog.remoteTarget)
  if (uri === undefined) throw new UnroutableDialogError('remote target is not usable')
  return { kind: 'uri', uri }
}

/** A request in a dialog, without Via. */
export function dialogRequest(dialog: Dialog, method: string, sequence: number, uri?: string): SipRequest {
  const route = routeOf(dialog)
  const request = new SipRequest(method, uri === undefined || route.routes.length > 0 ? route.uri : uri)
  for (const value of route.routes) request.add('Route', value)
  const remote = dialog.remoteIdentity
  const to =
    dialog.remoteTag !== undefined && dialog.remoteTag !== '' && tagOf(remote) === ''
      ? `${remote};tag=${dialog.remoteTag}`
      : remote
  return request
    .add('From', dialog.localIdentity)
    .add('To', to)
    .add('Call-ID', dialog.callId)
    .add('CSeq', `${sequence} ${method}`)
    .add('Max-Forwards', '70')
}
