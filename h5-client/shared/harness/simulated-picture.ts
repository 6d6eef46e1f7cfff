import sharp from 'sharp'

/** SIMULATED snapshot: the label on the back of a router, as a phone would show it. */
export function simulatedPicture(widthPx = 1280, heightPx = 720): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="0 0 1280 720">
    <defs><linearGradient id="wall" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#8d7f70"/>
    <stop offset="1" stop-color="#4c443c"/></linearGradient></defs>
    <rect width="1280" height="720" fill="url(#wall)"/>
    <rect x="210" y="120" width="860" height="480" rx="36" fill="#22262c"/>
    <rect x="300" y="200" width="680" height="320" rx="10" fill="#f2efe6"/>
    <g font-family="DejaVu Sans Mono" fill="#111"><text x="340" y="280" font-size="44" font-weight="700">HG8245 GPON</text>
    <text x="340" y="345" font-size="34">S/N: TP-2026-0815</text><text x="340" y="400" font-size="34">SSID: Home-5G-1F3A</text>
    <text x="340" y="455" font-size="34">KEY: r7Kq-92mX</text></g>
    <g><circle cx="330" cy="560" r="11" fill="#31d158"/><circle cx="390" cy="560" r="11" fill="#31d158"/>
    <circle cx="450" cy="560" r="11" fill="#ff3b30"/></g></svg>`
  return sharp(Buffer.from(svg)).webp({ quality: 80 }).toBuffer()
}
