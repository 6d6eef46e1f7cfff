import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { cacheFolder } from './cache.mjs'
import { chooseWorker } from './mediasoup-worker.mjs'

/** Steps that write down the order in which they were asked; `answers` says what each finds. */
function recordedSteps(answers: {
  runs?: boolean
  fits?: boolean
  cached?: readonly (string | undefined)[]
  download?: string
  prepare?: Error
}) {
  const asked: string[] = []
  const cached = [...(answers.cached ?? [])]
  return {
    asked,
    runs: async (path: string) => {
      asked.push(`runs ${path}`)
      return answers.runs ?? false
    },
    fits: async (path: string) => {
      asked.push(`fits ${path}`)
      return answers.fits ?? true
    },
    cached: async () => {
      asked.push('cached')
      return cached.shift()
    },
    download: async () => {
      asked.push('download')
      return answers.download
    },
    prepare: async () => {
      asked.push('prepare')
      if (answers.prepare) throw answers.prepare
    },
    build: async () => {
      asked.push('build')
      return '/built'
    },
  }
}

t.test('[BS1] a worker that the operator names is used, and nothing else is looked for', async t => {
  const steps = recordedSteps({ runs: true, cached: ['/cached'] })
  t.same(await chooseWorker('/own', steps), { path: '/own', source: 'MEDIASOUP_WORKER_BIN' })
  t.same(steps.asked, ['runs /own', 'fits /own'])
})

t.test('[BS1] a named worker of another version stops the start: the server would wait for it for ever', async t => {
  const steps = recordedSteps({ runs: true, fits: false, cached: ['/cached'] })
  await t.rejects(chooseWorker('/own', steps), /MEDIASOUP_WORKER_BIN=\/own does not fit the mediasoup in package.json/)
  t.same(steps.asked, ['runs /own', 'fits /own'])
})

t.test('[BS1] a named worker that does not run stops the start instead of being replaced in silence', async t => {
  const steps = recordedSteps({ runs: false, cached: ['/cached'] })
  await t.rejects(chooseWorker('/own', steps), /MEDIASOUP_WORKER_BIN=\/own is not a mediasoup-worker that runs/)
  t.same(steps.asked, ['runs /own'])
})

t.test('[BS2] cache, then download, then build', async t => {
  const fromCache = recordedSteps({ cached: ['/cached'] })
  t.same(await chooseWorker(undefined, fromCache), { path: '/cached', source: 'cache' })
  t.same(fromCache.asked, ['cached'])

  const fromNetwork = recordedSteps({ download: '/downloaded' })
  t.same(await chooseWorker(undefined, fromNetwork), { path: '/downloaded', source: 'download' })
  t.same(fromNetwork.asked, ['cached', 'download'])

  const built = recordedSteps({})
  t.same(await chooseWorker(undefined, built), { path: '/built', source: 'build' })
  t.same(built.asked, ['cached', 'download', 'prepare', 'cached', 'build'])
})

t.test('[BS2] once the libraries are known, an earlier build for them is found again', async t => {
  const steps = recordedSteps({ cached: [undefined, '/known'] })
  t.same(await chooseWorker(undefined, steps), { path: '/known', source: 'cache' })
  t.notOk(steps.asked.includes('build'))
})

t.test('[BS3] what cannot be prepared is not built, and the reason is passed on', async t => {
  const steps = recordedSteps({ prepare: new Error('missing; run as root: apt-get install meson') })
  await t.rejects(chooseWorker(undefined, steps), /run as root: apt-get install meson/)
  t.notOk(steps.asked.includes('build'))
})

t.test('[BS4] the cache lies outside the checkout; a relative XDG_CACHE_HOME is ignored', async t => {
  t.equal(cacheFolder({ XDG_CACHE_HOME: '/var/cache/me' }, '/home/me'), '/var/cache/me/tongping')
  t.equal(cacheFolder({}, '/home/me'), '/home/me/.cache/tongping')
  t.equal(cacheFolder({ XDG_CACHE_HOME: 'here' }, '/home/me'), '/home/me/.cache/tongping')
})

t.test('[BS5] a program that runs, but is no mediasoup-worker, is refused', async t => {
  const { provideWorker } = await import('./mediasoup-worker.mjs')
  const script = join(mkdtempSync(join(tmpdir(), 'tongping-bs-')), 'not-a-worker')
  writeFileSync(script, '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  await t.rejects(provideWorker({ env: { MEDIASOUP_WORKER_BIN: script } }), /not a mediasoup-worker that runs/)
  await t.rejects(
    provideWorker({ env: { MEDIASOUP_WORKER_BIN: `${script}-gone` } }),
    /not a mediasoup-worker that runs/,
  )
})
