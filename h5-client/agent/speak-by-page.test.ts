import t from 'tap'
import { buildPages } from '../../scripts/build-pages.mjs'
import { TestBrowser } from '../../test/harness/chromium.ts'
import { until } from '../../test/harness/until.ts'
import { SimulatedDesk } from './harness/simulated-desk.ts'
import { SIMULATED_CONTROL } from './harness/simulated-voice.ts'

// The choice of a desk phone as a person meets it, against a SIMULATED desk. Real calls: test/e2e/desk-phone*.test.ts.
t.setTimeout(120_000)
const pagesFolder = t.testdir({})
await buildPages({ pages: ['agent'], outFolder: pagesFolder, log: () => {} })
const SHOTS = process.env.DESK_PHONE_SHOTS

for (const language of ['en-US', 'zh-CN'] as const)
  t.test(
    `[DP2] the choice, what is awaited and what went wrong are said; no microphone is opened (${language})`,
    async t => {
      const browser = await TestBrowser.launch({ language })
      const desk = await SimulatedDesk.create(pagesFolder)
      desk.deskPhone = { address: 'sip:8001@192.168.1.30', by: 'browser' }
      t.teardown(async () => {
        await browser.close()
        await desk.close()
      })
      const page = await browser.context.newPage()
      const by = (name: string) => page.locator(`[data-test="${name}"]`).first()
      const state = (wanted: string) =>
        until(`the voice ${wanted}`, async () => (await by('voice-state').getAttribute('data-state')) === wanted)
      const shot = async (name: string) => {
        if (!SHOTS) return
        await page.waitForTimeout(400) // colours fade
        await page.screenshot({ path: `${SHOTS}/${language}-${name}.png` })
      }
      await page.addInitScript(() => {
        const opened = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
        Object.assign(window, { microphonesOpened: 0 })
        navigator.mediaDevices.getUserMedia = constraints => {
          const counted = window as unknown as { microphonesOpened: number }
          counted.microphonesOpened += 1
          return opened(constraints)
        }
      })
      const opened = () => page.evaluate(() => (window as unknown as { microphonesOpened: number }).microphonesOpened)
      await page.goto(desk.address)
      await by('sign-in-name').fill('lin')
      await by('sign-in-password').fill('right')
      await by('sign-in-submit').click()
      await by('speak-by').waitFor()
      t.equal(await by('speak-by-browser').getAttribute('aria-pressed'), 'true')
      await by('speak-by-phone').click()
      await until('the choice', async () => (await by('speak-by-phone').getAttribute('aria-pressed')) === 'true')
      t.equal(desk.times('desk.speakBy'), 1)
      t.equal(await page.locator('[data-test="microphone"]').count(), 0, 'no microphone is spoken of')
      await shot('1-choice')
      await page.reload()
      await by('speak-by').waitFor()

      desk.ring()
      await by('answer').waitFor()
      await shot('2-ringing')
      await by('answer').click()
      await state('phone-called')
      await shot('3-called')
      desk.change({ agentBy: { by: 'phone', phone: 'ringing' } })
      await state('phone-ringing')
      t.match(await by('voice-state').textContent(), /pick it up|拿起听筒/)
      await shot('4-phone-rings')

      const agent = desk.call.agent
      if (!agent) throw new Error('nobody answered')
      const { agent: _, ...rest } = desk.call
      const ringing = {
        ...rest,
        ...{ phase: 'ringing' as const, agentVoice: 'none' as const },
        agentBy: { by: 'browser' as const, failed: { agent: agent.id, why: 'busy' as const } },
      }
      desk.notify('desk.calls', { calls: [ringing] })
      await by('phone-failed').waitFor()
      t.match(await by('phone-failed').textContent(), /busy|忙/)
      await by('answer-here').waitFor()
      await shot('5-busy')

      await by('answer').click()
      await state('phone-called')
      desk.change({
        ...{ phase: 'talking', agentVoice: 'connected', agentBy: { by: 'phone', phone: 'talking' } },
        ...{ control: SIMULATED_CONTROL, recording: 'on' },
      })
      await state('phone-talking')
      t.notOk(await by('mute').isDisabled(), 'mute works on the phone too')
      t.equal(await opened(), 0, 'no microphone so far')
      await shot('6-talking')
      desk.change({ agentVoice: 'away' })
      await state('phone-silent')
      desk.change({ agentVoice: 'away', agentBy: { by: 'phone', phone: 'lost' } })
      await state('phone-lost')
      await shot('7-lost')
      await by('speak-by-other').click()
      await until('the microphone', async () => (await opened()) === 1)
      t.equal(desk.times('voice.speakBy'), 1)
      await by('microphone').waitFor()

      await by('speak-by-other').click()
      await state('phone-called')
      await shot('8-moving')
      const producing = () =>
        page.evaluate(
          () =>
            window.observedPeers.flatMap(peer =>
              peer.getSenders().filter(({ track }) => track?.kind === 'audio' && track.readyState === 'live'),
            ).length,
        )
      await until('the page to speak on meanwhile', async () => (await producing()) === 1)
      desk.change({ agentVoice: 'connected', agentBy: { by: 'phone', phone: 'talking' } })
      await state('phone-talking')
      await until('the microphone to be let go', async () => (await producing()) === 0)
      t.same(browser.complaints, [])
    },
  )
