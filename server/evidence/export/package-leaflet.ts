import { REPORT_EN } from '../../../h5-client/shared/words/en/report.ts'
import { REPORT_ZH } from '../../../h5-client/shared/words/zh-CN/report.ts'
import { packageSortOf } from '../../../signaling/protocol/export-kinds.ts'
import type { ExportOrigin } from '../../../signaling/protocol/record-export.ts'
import type { RecordFacts } from './read-facts.ts'

type About = { readonly facts: RecordFacts; readonly origin: ExportOrigin; readonly originals: boolean }

/** README.txt of a package: what lies where, and how a stranger checks it, in both languages. */
export function packageLeaflet(about: About): string {
  return `${chinese(about)}\n${'-'.repeat(78)}\n\n${english(about)}`
}

function chinese({ facts: { record, manifestSha256 }, origin, originals }: About): string {
  return `同屏 · ${REPORT_ZH.packageTitles[packageSortOf(origin)]}
通话编号 ${record.callId}
导出编号 ${origin.exportId}
签名密钥编号 ${record.seal.keyId}
${originals ? `封存清单 SHA-256 ${manifestSha256}` : '阅览副本不列清单的校验值：凭它可以试出被遮蔽的号码'}

怎么看
  解压到任意文件夹，双击 index.html：回放、事件、图片、文字都在里面，不需要服务器，也不连接网络。
  report.pdf 是可打印的报告；journal.html 不用脚本即可阅读；journal.json 供程序读取。

有什么
  index.html journal.html journal.json report.pdf
${copies(origin, '', '  media/                 回放、各方声音、画面、屏幕（由原件制作的派生文件）\n')}${originals ? '  originals/             封存的原件，一字节未改：manifest.json 及其列出的全部文件\n  stamps/                RFC 3161 时间戳，以及当日摘要\n' : copies(origin, '  redacted/              遮盖后留下的全部文件（本包不含原件）\n', '  pictures/              带水印的图片（本包不含原件，号码已遮蔽）\n')}  verify/                独立核对程序、公钥、时间戳机构根证书（如有）
  package-manifest.json  本包每个文件的 SHA-256、谁在何时因何导出，带签名
  SHA256SUMS             同样的校验值，供 sha256sum 使用

怎么核对
  1. 包本身没有被改动：在本文件夹运行
       sha256sum -c SHA256SUMS
${
  originals
    ? `  2. 包内每个文件、原件、时间戳、当日摘要一并核对（Node 18 以上即可，无需安装任何东西）：
       node verify/tongping-verify.mjs . --key verify/seal-key.pub.pem
     它会逐一核对并指出第一处被改动的字节范围、缺少的文件、被截掉的结尾、被改动或换掉的时间戳和摘要。
     加上 --ca 时间戳机构根证书.pem 可同时核对签发者（运营方信任的根证书在 verify/tsa-roots.pem，应与机构公布的比对）。
  3. 时间戳（如有）：
       openssl ts -verify -in stamps/manifest-1.tsr -data originals/manifest.json -CAfile 时间戳机构根证书.pem
  4. 手工：originals/manifest.json 里有每个文件的 SHA-256，可用 sha256sum originals/<文件> 逐个比对。
`
    : `  2. 这是阅览副本，不能单独证明原件未被改动。要核对原件，请凭通话编号申请证据包。
`
}  公钥编号须与运营方另行公布的一致；不要只相信包里的那一份公钥。
`
}

function english({ facts: { record, manifestSha256 }, origin, originals }: About): string {
  return `Tongping · ${REPORT_EN.packageTitles[packageSortOf(origin)]}
Call id ${record.callId}
Export id ${origin.exportId}
Key id of the seal ${record.seal.keyId}
${originals ? `SHA-256 of the sealed manifest ${manifestSha256}` : 'No hash of the sealed manifest: the masked digits could be tried out with it'}

How to look at it
  Unpack it into any folder and open index.html: replay, events, pictures and texts are inside. No server, no network.
  report.pdf is the printable report; journal.html can be read without scripts; journal.json is for programs.

What is inside
  index.html journal.html journal.json report.pdf
${copies(origin, '', '  media/                 replay, voices, picture, screen: made from the originals\n')}${originals ? '  originals/             what was sealed, byte by byte: manifest.json and every file it lists\n  stamps/                RFC 3161 time stamps, and the digest of the day\n' : copies(origin, '  redacted/              everything that a redaction left (no originals in this package)\n', '  pictures/              with a watermark (no originals in this package; numbers are masked)\n')}  verify/                the offline verifier, the public key, roots of time stamp authorities (if any)
  package-manifest.json  SHA-256 of every file here, who exported it, when and why; signed
  SHA256SUMS             the same hashes for sha256sum

How to check it
  1. The package itself is as it was made: in this folder
       sha256sum -c SHA256SUMS
${
  originals
    ? `  2. Every file of the package, the originals, time stamps and digest (any Node from 18 on, nothing to install):
       node verify/tongping-verify.mjs . --key verify/seal-key.pub.pem
     It names the first changed byte range, a missing file, an end that was cut off, a stamp or digest that was altered or
     is another's. With --ca root-of-the-authority.pem it also checks who stamped (verify/tsa-roots.pem is what the operator
     trusts; compare it with what the authority publishes).
  3. Time stamps, if there are any:
       openssl ts -verify -in stamps/manifest-1.tsr -data originals/manifest.json -CAfile root-of-the-authority.pem
  4. By hand: originals/manifest.json lists the SHA-256 of every file; compare with sha256sum originals/<file>.
`
    : `  2. This is a viewing copy and proves nothing about the originals by itself. To check them, ask for an evidence package
     of this call id.
`
}  The key id must be the one that the operator has published elsewhere; do not trust the key in the package alone.
`
}

/** A package of a redacted copy has other folders. */
function copies({ redactionId }: ExportOrigin, redacted: string, whole: string): string {
  return redactionId === undefined ? whole : redacted
}
