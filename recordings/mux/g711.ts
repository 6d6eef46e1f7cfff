/** ITU-T G.711 decoding by table: one octet in, one 16-bit linear sample out. */
export const PCMU_TO_LINEAR = Int16Array.from({ length: 256 }, (_, octet) => {
  const bits = ~octet & 0xff
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84
  return (bits & 0x80) !== 0 ? -magnitude : magnitude
})

export const PCMA_TO_LINEAR = Int16Array.from({ length: 256 }, (_, octet) => {
  const bits = octet ^ 0x55
  const segment = (bits & 0x70) >> 4
  const step = (bits & 0x0f) << 4
  const magnitude = segment === 0 ? step + 8 : (step + 0x108) << (segment - 1)
  return (bits & 0x80) !== 0 ? magnitude : -magnitude
})
