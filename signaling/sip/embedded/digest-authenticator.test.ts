import { createHash } from 'node:crypto'
import t from 'tap'
import { answerSdp, offerSdp } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

function authorization(challenge: string, user: string, password: string, nc = '00000001'): string {
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? ''
  const ha1 = md5(`${user}:home:${password}`)
  const response = md5(`${ha1}:${nonce}:${nc}:abc:auth:${md5('INVITE:sip:bob@home')}`)
  return `Authorization: Digest username="${user}", realm="home", nonce="${nonce}", uri="sip:bob@home", response="${response}", qop=auth, nc=${nc}, cnonce="abc", algorithm=MD5`
}

t.test(
  '[SIP80] callers are challenged; right credentials pass once, wrong, unknown, replayed and forged ones do not',
  async t => {
    const rig = await SrfRig.create({
      auth: {
        realm: 'home',
        users: user =>
          user === 'alice' ? { password: 'secret' } : user === 'bob' ? { ha1Md5: md5('bob:home:word') } : undefined,
      },
    })
    t.teardown(() => rig.close())
    const srf = await rig.srf()
    let calls = 0
    srf.invite((req, res) => {
      calls++
      void srf.createUAS(req, res, { localSdp: answerSdp })
    })
    await settled()
    const peer = await rig.peer()
    const challenge = async (headers: readonly string[] = []): Promise<string> => {
      peer.request('INVITE', { headers })
      return (await peer.nextResponse(401)).get('www-authenticate') ?? ''
    }
    const first = await challenge()
    t.match(first, /^Digest realm="home", nonce="[^"]+", algorithm=MD5, qop="auth"$/)
    t.notMatch(await challenge([authorization(first, 'alice', 'wrong')]), 'stale')
    await challenge([authorization(first, 'mallory', 'secret')])
    await challenge([authorization('nonce="made.up.here"', 'alice', 'secret')])
    t.equal(calls, 0)
    peer.request('INVITE', { headers: [authorization(first, 'alice', 'secret')] })
    await peer.nextResponse(200)
    t.match(await challenge([authorization(first, 'alice', 'secret')]), /stale=true/, 'the same count again')
    peer.request('INVITE', { headers: [authorization(first, 'bob', 'word', '00000002')] })
    await peer.nextResponse(200)
    t.equal(calls, 2)
  },
)

t.test('[SIP81] drachtio-srf answers the challenge: one of our servers calls another', async t => {
  const users = (): { password: string } => ({ password: 'secret' })
  const called = await SrfRig.create({ auth: { realm: 'home', users } })
  const calling = await SrfRig.create()
  t.teardown(async () => {
    await calling.close()
    await called.close()
  })
  const [callee, caller] = [await called.srf(), await calling.srf()]
  const hungUp = Promise.withResolvers<void>()
  callee.invite(async (req, res) => {
    const dialog = await callee.createUAS(req, res, { localSdp: answerSdp })
    dialog.on('destroy', () => hungUp.resolve())
  })
  await settled()
  const uri = `sip:bob@127.0.0.1:${called.portOf('tcp')};transport=tcp`
  const dialog = await caller.createUAC(uri, { localSdp: offerSdp, auth: { username: 'alice', password: 'secret' } })
  t.equal(dialog.remote.sdp, answerSdp)
  await dialog.destroy()
  await hungUp.promise
  const wrong = caller.createUAC(uri, { localSdp: offerSdp, auth: { username: 'alice', password: 'guess' } })
  await t.rejects(wrong, new Error('Sip non-success response: 401'))
  t.equal(called.server.stats().dialogs + calling.server.stats().dialogs, 0)
})

t.test('[SIP82] CANCEL while the user is still being looked up: the call never reaches the application', async t => {
  const found = Promise.withResolvers<{ password: string }>()
  const asked = Promise.withResolvers<void>()
  const users = (): Promise<{ password: string }> => {
    asked.resolve()
    return found.promise
  }
  const rig = await SrfRig.create({ auth: { realm: 'home', users } })
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  srf.invite(() => t.fail('must not ring'))
  await settled()
  const peer = await rig.peer()
  peer.request('INVITE')
  const challenge = (await peer.nextResponse(401)).get('www-authenticate') ?? ''
  const made = peer.request('INVITE', { headers: ['Timestamp: 54', authorization(challenge, 'alice', 'secret')] })
  await asked.promise
  const trying = await peer.next(message => message.callId === made.callId, 1000)
  t.equal(trying.get('timestamp'), '54')
  peer.request('CANCEL', made)
  await peer.nextResponse(200, 'CANCEL')
  await peer.nextResponse(487)
  found.resolve({ password: 'secret' })
  await settled()
})
