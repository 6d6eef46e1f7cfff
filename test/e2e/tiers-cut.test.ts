import { randomBytes } from 'node:crypto'
import t from 'tap'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import { StoreUnavailable } from '../../recordings/store/store-errors.ts'
import { stored, tierHouse } from '../../server/evidence/tiers-fixture.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { CephStore } from '../harness/ceph-store.ts'
import { CutOffProxy } from '../harness/cut-off-proxy.ts'

t.test('moves that are cut off, with a real S3 server (Ceph RADOS gateway)', async t => {
  const ceph = await CephStore.start()
  t.teardown(() => ceph.close())
  const plain = await ceph.bucket('plain')

  t.test(
    '[TR11] cut off after any request, there is one whole copy, and the same call again ends the move',
    async t => {
      const proxy = await CutOffProxy.start(plain.endpoint)
      t.teardown(() => proxy.close())
      const { addCall, server, verify, rows } = await tierHouse(t, plain)
      const cut = { endpoint: proxy.endpoint, attempts: 1, requestTimeoutMs: 400 }
      const wholeSomewhere = async (callId: CallId, folder: string) => {
        const { tiers } = server()
        return (await verify(new LocalFolder(folder))) || (await verify(await tiers.folderOf(callId, folder)))
      }
      for (const direction of ['out', 'back'] as const) {
        let requests = 0
        for (let answered = 0, ended = false; !ended; answered++) {
          const { callId, folder } = await addCall({
            ...stored(),
            'tracks/caller-camera-1.rtpj.tpv': randomBytes(250_000),
          })
          if (direction === 'back') await server().tiers.moveOut(callId)
          proxy.answerOnly(answered)
          const { tiers } = server(cut)
          const move = direction === 'out' ? tiers.moveOut(callId) : tiers.fetchBack(callId)
          ended = await move.then(
            () => true,
            error => {
              if (!(error instanceof StoreUnavailable)) t.fail(`cut after ${answered}: ${error}`)
              return false
            },
          )
          await tiers.close()
          if (!(await wholeSomewhere(callId, folder))) t.fail(`cut after ${answered}: no whole copy`)
          if (!ended) {
            const row = await rows.get(callId)
            if (!row?.waiting_since) t.fail(`cut after ${answered}: it does not say that it waits`)
            if (row) await server().tiers.resume(row)
          }
          t.match(await rows.get(callId), {
            tier: direction === 'out' ? 'cold' : 'hot',
            state: 'settled',
            waiting_since: null,
          })
          if (!(await wholeSomewhere(callId, folder))) t.fail(`after ${answered} and the second try: no whole copy`)
          requests = answered
        }
        t.ok(requests > 5, `${direction}: cut after each of ${requests} requests`)
      }
    },
  )
})
