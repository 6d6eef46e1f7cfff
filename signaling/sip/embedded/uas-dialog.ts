import type { AppClient } from './app-client.ts'
import { Dialog, dialogIdOf } from './dialog.ts'
import { tagOf, withTag } from './name-addr.ts'
import type { OpenRequest } from './open-requests.ts'
import { listensElsewhere } from './return-path.ts'

/** The dialog that our first tagged answer to a peer's INVITE or SUBSCRIBE makes (RFC 3261 12.1.1). */
export function newUasDialog(client: AppClient, { transaction }: OpenRequest, toTag: string): Dialog {
  const { request, flow, id } = transaction
  const fromTag = tagOf(request.get('from'))
  const dialog = new Dialog({
    id: dialogIdOf(request.callId, fromTag),
    role: 'uas',
    method: request.method,
    callId: request.callId,
    localTag: toTag,
    remoteTag: fromTag,
    localIdentity: withTag(request.get('to') ?? '', toTag),
    remoteIdentity: request.get('from') ?? '',
    localSequence: request.cseq.number,
    client,
    inviteTransactionId: id,
  })
  dialog.remoteSequence = request.cseq.number
  dialog.routeSet = request.list('record-route')
  dialog.learnTarget(request)
  if (!listensElsewhere(request, flow)) dialog.learnNatHop(flow)
  dialog.flow = flow
  if (request.method === 'INVITE') {
    dialog.openRemoteInvite = request.cseq.number
    dialog.openTransactionId = id
  }
  return dialog
}
