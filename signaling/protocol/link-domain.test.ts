import t from 'tap'
import { linkHost } from './link-domain.ts'

const DOMAINS = ['example.com', 'help.firm.cn', 'xn--fiq228c.example']

t.test('[PUSH3] a link leads only to allowed domains, matched at the border of a label', async t => {
  for (const [url, host] of [
    ['https://example.com/a?b#c', 'example.com'],
    ['https://EXAMPLE.com./', 'example.com.'],
    ['https://www.deep.example.com:8443/', 'www.deep.example.com:8443'],
    ['https://help.firm.cn/', 'help.firm.cn'],
    ['https://中文.example/', 'xn--fiq228c.example'],
  ] as const)
    t.same(linkHost(url, DOMAINS), { host }, url)
  for (const url of [
    'https://badexample.com/',
    'https://example.com.evil.test/',
    'https://firm.cn/',
    'https://exаmple.com/', // Cyrillic а
    'https://203.0.113.7/',
  ])
    t.same(linkHost(url, DOMAINS), { refusal: 'not-allowed' }, url)
  t.same(linkHost('https://example.com/', []), { refusal: 'not-allowed' }, 'no domains: no links')
})

t.test('[PUSH4] only https, without a sign-in in front of the host', async t => {
  for (const url of [
    'http://example.com/',
    'javascript:alert(1)//example.com',
    'data:text/html,x',
    'ftp://example.com',
  ])
    t.same(linkHost(url, DOMAINS), { refusal: 'not-https' }, url)
  t.same(linkHost('https://example.com@evil.test/', DOMAINS), { refusal: 'has-sign-in' })
  t.same(linkHost('https://me:secret@example.com/', DOMAINS), { refusal: 'has-sign-in' })
  t.same(linkHost('example.com', DOMAINS), { refusal: 'unreadable' })
})
