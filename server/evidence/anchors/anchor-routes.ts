import QRCode from 'qrcode'
import * as z from 'zod'
import { withoutHeads } from '../../../recordings/anchor/daily-digest.ts'
import type { DigestFolder } from '../../../recordings/anchor/digest-folder.ts'
import { digestCode, digestText } from '../../../recordings/anchor/digest-text.ts'
import { AppError } from '../../../signaling/protocol/errors.ts'
import { claimsOf, type Route, type RouteContext, route } from '../../http/routes.ts'
import type { AccessLog } from '../../store/access-log.ts'
import type { Anchors } from './anchors.ts'

/** The daily chain as reviewers see it: its state, each digest, its printed form, and a comparison on demand. */
export function anchorRoutes(o: { anchors: Anchors; local: DigestFolder; accessLog: AccessLog }): Route[] {
  const user = (context: RouteContext<unknown>) => ({ id: claimsOf(context).sub, name: claimsOf(context).name })
  const digestOf = async (context: RouteContext<unknown>) => {
    const day = z.iso.date().safeParse(context.request.params.day)
    const kept = day.success ? await o.local.read(day.data) : undefined
    if (!kept) throw new AppError('not-found', 'no digest of this day')
    return kept
  }
  return [
    route({ method: 'get', path: '/api/review/anchors', by: 'reviewer', handle: () => o.anchors.state() }),
    route({
      method: 'post',
      path: '/api/review/anchors/check',
      by: 'reviewer',
      needs: 'audit',
      handle: async context => {
        await o.accessLog.add({ user: user(context), action: 'verify', detail: 'anchors' })
        return o.anchors.check()
      },
    }),
    route({
      method: 'post',
      path: '/api/review/anchors/acknowledge',
      by: 'reviewer',
      needs: 'audit',
      body: z.object({ key: z.string().min(3).max(120), reason: z.string().trim().min(3).max(300) }),
      handle: async context => {
        const { key, reason } = context.body
        if (!o.anchors.openAlarms.includes(key)) throw new AppError('not-found', 'no such open alarm')
        return o.anchors.acknowledge(key, user(context), reason)
      },
    }),
    route({
      method: 'get',
      path: '/api/review/anchors/:day',
      by: 'reviewer',
      needs: 'audit',
      handle: async context => {
        const { day, sha256, digest, stamp } = await digestOf(context)
        // Older ones hold the heads of journals: beside a record with its number masked, they would tell the missing digits.
        const whole = claimsOf(context).rights.includes('release')
        return {
          day,
          sha256,
          digest: digest ? (whole ? digest : withoutHeads(digest)) : null,
          stamp: stamp?.toString('base64') ?? null,
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/review/anchors/:day/print',
      by: 'reviewer',
      handle: async context => {
        const { day, sha256, bytes, digest } = await digestOf(context)
        if (!digest) throw new AppError('unavailable', 'the digest of this day is damaged')
        await o.accessLog.add({ user: user(context), action: 'print', detail: `digest ${day}` })
        const code = await QRCode.toString(digestCode(day, sha256), {
          type: 'svg',
          errorCorrectionLevel: 'M',
          width: 220,
        })
        context.response
          .set('content-type', 'text/html; charset=utf-8')
          .set('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
          .send(printed(day, digestText(digest, bytes), code))
        return undefined
      },
    }),
  ]
}

function printed(day: string, text: string, code: string): string {
  const escaped = text.replace(/[&<>]/g, one => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[one] ?? one)
  const style =
    'body{font:12pt/1.5 system-ui,sans-serif;margin:2cm;color:#000;background:#fff}pre{font:11pt/1.6 ui-monospace,monospace;white-space:pre-wrap}p{margin-top:2cm}'
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>同屏 Tongping ${day}</title><style>${style}</style><pre>${escaped}</pre>${code}<p>签字 Signature ______________________　日期 Date ______________</p></html>`
}
