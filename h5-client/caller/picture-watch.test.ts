import t from 'tap'
import { PictureWatch } from './picture-watch.ts'

t.test(
  '[PG17] a picture that stands still is noticed after two checks, and a hopeless one is left in peace',
  async t => {
    let frames: number | undefined = 0
    let still = 0
    const watch = new PictureWatch(
      async () => frames,
      () => (still += 1),
    )
    t.teardown(() => watch.close())
    for (frames = 1; frames < 5; frames += 1) await watch.check()
    t.equal(still, 0)
    for (let check = 0; check < 3; check += 1) await watch.check()
    t.equal(still, 1)
    for (let check = 0; check < 5; check += 1) await watch.check()
    t.equal(still, 1, 'no new alarm while it rests')
    frames = undefined
    for (let check = 0; check < 9; check += 1) await watch.check()
    t.equal(still, 1, 'a paused picture is no alarm')
  },
)
