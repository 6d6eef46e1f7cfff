import t from 'tap'
import { fitShot, SHOT_SIZES } from './ladder-shot.ts'

const shot = { blob: new Blob([new Uint8Array(3_000_000)]), kind: 'photo' } as const

t.test('[NET5] the shutter’s still is as the phone gave it on video, and small enough for seconds below', async t => {
  const asked: number[] = []
  const smaller = async (_blob: Blob, edgePx: number) => {
    asked.push(edgePx)
    return new Blob([new Uint8Array(edgePx * 60)])
  }
  t.equal(await fitShot(shot, 'live', smaller), shot)
  t.equal((await fitShot(shot, 'slow-scan', smaller)).blob.size, 1280 * 60)
  t.equal((await fitShot(shot, 'photo', smaller)).blob.size, 960 * 60)
  t.same(asked, [SHOT_SIZES['slow-scan'].edgePx, SHOT_SIZES.photo.edgePx])
})

t.test('[NET5] a browser that cannot make it smaller sends it as it is', async t => {
  const failing = async () => {
    throw new Error('no memory')
  }
  t.equal(await fitShot(shot, 'photo', failing), shot)
})
