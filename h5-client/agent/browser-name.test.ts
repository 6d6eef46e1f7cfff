import t from 'tap'
import { browserName } from './browser-name.ts'

t.test('[WB16] a browser is called by the name of its app, not by what it pretends to be', async t => {
  const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'
  t.same(browserName(`${iphone} Mobile/15E148 MicroMessenger/8.0.49`), { browser: 'wechat', machine: 'iphone' })
  t.same(browserName(`${iphone} Version/17.5 Mobile/15E148 Safari/604.1`), { browser: 'safari', machine: 'iphone' })
  t.same(
    browserName('Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/150.0.0.0 Mobile Safari/537.36'),
    { browser: 'chrome', machine: 'android' },
  )
  t.same(
    browserName('Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 Chrome/114 HuaweiBrowser/15 Safari'),
    { browser: 'huawei', machine: 'harmony' },
  )
  t.same(browserName('curl/8.4'), { browser: undefined, machine: undefined })
})
