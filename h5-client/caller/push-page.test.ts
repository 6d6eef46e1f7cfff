import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { Card } from '../../signaling/protocol/page.ts'
import { until } from '../../test/harness/until.ts'
import { CallerPages } from './harness/opened-page.ts'

// The phone's page in a real Chromium against a simulated desk; the whole way is walked by test/e2e/push.test.ts.
t.setTimeout(120_000)
const pages = await CallerPages.create(t, t.testdir({}))

type Opened = Awaited<ReturnType<CallerPages['open']>>
function push({ desk }: Opened, card: Card) {
  const id = newId('page')
  desk.happen({ type: 'page.added', page: { kind: 'card', id, by: desk.agentId, card } })
  desk.happen({ type: 'stage.page', by: desk.agentId, pageId: id })
  return id
}
const WIFI: Card = {
  kind: 'text',
  about: 'wifi',
  title: '',
  rows: [
    { label: '网络名称', value: 'Home-5G', copy: true },
    { label: '密码', value: 'kX7-0OlI', copy: true },
    { label: '备注', value: '二楼', copy: false },
  ],
}

t.test(
  '[PUSH7] a card is told as loaded and seen, each copied row once, and the way back to the camera is one tap',
  async t => {
    const opened = await pages.open(t)
    const { desk, page, by, start, asked } = opened
    await pages.browser.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await start()
    const pageId = push(opened, WIFI)
    await by('push-card').waitFor()
    const about = (data: Record<string, unknown>) => data.pageId === pageId
    await asked('page.loaded', about)
    await asked('page.seen', about)
    await asked('caller.look', data => data.at === pageId)
    t.equal(await page.locator('[data-test="push-copy"]').count(), 2, 'a row that is not to be copied has no button')
    await page.locator('[data-test="push-copy"]').nth(1).click()
    await asked('page.copied', data => data.pageId === pageId && data.row === 1)
    t.equal(await page.evaluate(() => navigator.clipboard.readText()), 'kX7-0OlI')
    await by('look').click()
    await asked('caller.look', data => data.at === 'live')
    t.notOk(await by('push-card').isVisible())
    await by('look').click()
    t.ok(await by('push-card').isVisible())
    desk.happen({ type: 'stage.live', by: desk.agentId })
    await by('push-card').waitFor({ state: 'hidden' })
    t.equal(desk.asked.filter(one => one.name === 'page.seen').length, 1)
  },
)

t.test(
  '[PUSH17] without a clipboard (WeChat) what is selected is copied; where nothing copies, the text is marked',
  async t => {
    const opened = await pages.open(t, {
      before: () => {
        Object.defineProperty(navigator, 'clipboard', { value: undefined })
        const kept = window as unknown as { commands: string[]; works: boolean }
        kept.commands = []
        kept.works = true
        document.execCommand = command => {
          kept.commands.push(
            `${command} ${String(getSelection()) || (document.activeElement as HTMLTextAreaElement).value}`,
          )
          return kept.works
        }
      },
    })
    const { page, by, start, asked, desk } = opened
    await start()
    const pageId = push(opened, WIFI)
    await by('push-copy').click()
    await asked('page.copied', data => data.pageId === pageId && data.row === 0)
    t.same(await page.evaluate(() => (window as unknown as { commands: string[] }).commands), ['copy Home-5G'])
    await page.evaluate(() => Object.assign(window, { works: false }))
    const second = page.locator('[data-test="push-copy"]').nth(1)
    await second.click()
    await until('the text to be marked', async () => (await page.evaluate(() => String(getSelection()))) === 'kX7-0OlI')
    t.match(await second.textContent(), '长按')
    t.notOk(desk.asked.some(one => one.name === 'page.copied' && (one.data as { row: number }).row === 1))
  },
)

t.test('[PUSH18] long words fit a small phone; buttons are large enough for a thumb', async t => {
  const opened = await pages.open(t)
  const { page, by, start } = opened
  await page.setViewportSize({ width: 320, height: 568 })
  await start()
  push(opened, {
    kind: 'text',
    about: 'invoice',
    title: '',
    rows: [{ label: '税号', value: 'A'.repeat(120), copy: true }],
  })
  await by('push-card').waitFor()
  const { card, width, button } = await page.evaluate(() => {
    const element = document.querySelector('[data-test="push-card"]')
    const copy = document.querySelector('[data-test="push-copy"]')
    return { card: element?.scrollWidth ?? 0, width: innerWidth, button: copy?.getBoundingClientRect().height ?? 0 }
  })
  t.ok(card <= width, `${card} px on ${width}`)
  t.ok(button >= 48, `${button} px`)
  for (const name of ['h1', '.push-value', '.push-label', '.push-copy span']) {
    const ratio = await page.evaluate(contrastOf, name)
    t.ok(ratio >= 4.5, `${name}: contrast ${ratio.toFixed(1)}`)
  }
})

/** Contrast (WCAG 2) of the text of the card's first such element with what is painted behind it. */
function contrastOf(name: string): number {
  const element = document.querySelector(`[data-test="push-card"] ${name}`)
  if (element === null) return 0
  const numbers = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number)
  const light = (colour: string) => {
    const [r = 0, g = 0, b = 0] = numbers(colour).map(one => {
      const part = one / 255
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  let behind: Element | null = element
  while (behind && numbers(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement
  const [text, ground] = [
    light(getComputedStyle(element).color),
    light(getComputedStyle(behind ?? element).backgroundColor),
  ]
  return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)
}

t.test('[PUSH4] a link is opened by the caller’s own tap, in a tab that knows nothing of this page', async t => {
  const opened = await pages.open(t)
  const { page, by, start, asked } = opened
  await start()
  const pageId = push(opened, {
    kind: 'link',
    title: '支付',
    url: 'https://xn--fiq228c.example/pay',
    host: 'xn--fiq228c.example',
  })
  await by('push-open').waitFor()
  t.equal(await by('push-host').textContent(), 'xn--fiq228c.example', 'a look-alike does not look alike')
  await page.context().route('https://xn--fiq228c.example/**', route =>
    route.fulfill({
      contentType: 'text/html',
      body: '<script>document.title = String(window.opener) + document.referrer</script>',
    }),
  )
  const [tab] = await Promise.all([page.context().waitForEvent('page'), by('push-open').click()])
  await tab.waitForLoadState()
  t.equal(await tab.title(), 'null')
  await tab.close()
  await asked('page.copied', data => data.pageId === pageId && data.row === 1)
})
