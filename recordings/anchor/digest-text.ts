import { digestHash, type SignedDigest } from './daily-digest.ts'

/** What is put into the QR code: short enough to be scanned from paper. */
export function digestCode(day: string, sha256: string): string {
  return `tongping-digest:${day}:${sha256}`
}

/** 16 groups of four, four to a line: as it is read aloud and ticked off. */
export function readAloud(sha256: string): string[] {
  const groups = sha256.toUpperCase().match(/.{4}/g) ?? []
  return [0, 4, 8, 12].map(from => groups.slice(from, from + 4).join('  '))
}

/** The digest of a day on paper, in both languages: kept in a folder, it cannot be changed from here. */
export function digestText(digest: SignedDigest, bytes: Uint8Array): string {
  const rows: [string, string][] = [
    ['日期 Day (UTC)', digest.day],
    ['编号 Number', `${digest.number}${digest.late ? '  （补做 made late）' : ''}`],
    ['生成时间 Made at', digest.madeAt],
    ['通话 Calls sealed', String(digest.calls.length)],
    ['销毁证明 Destruction certificates', String(digest.erasures.length)],
    ['访问日志 Access log entries', String(digest.accessLog.entries)],
    ['签名密钥 Signing key', digest.seal.keyId],
    ['前一日 Previous day', digest.previous ? digest.previous.day : '无 none'],
  ]
  const alarms = digest.alarms.length === 0 ? ['无 none'] : digest.alarms
  return [
    '同屏 Tongping · 每日摘要 Daily digest',
    '',
    ...rows.map(([name, value]) => `${name}: ${value}`),
    '',
    '未处理的告警 Open alarms:',
    ...alarms.map(alarm => `  ${alarm}`),
    '',
    'SHA-256:',
    ...readAloud(digestHash(bytes)).map(line => `  ${line}`),
    '',
  ].join('\n')
}
