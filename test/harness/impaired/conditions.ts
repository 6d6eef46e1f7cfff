/** What a network does to everything that passes, both ways. */
export type Conditions = {
  /** One way; a round trip takes twice as long. */
  readonly delayMs: number
  /** Added to the delay, evenly spread from 0 to this. */
  readonly jitterMs: number
  readonly lossPercent: number
  /** Share of datagrams that arrive behind their successors. */
  readonly reorderPercent: number
  /** Undefined: no limit. From the phone to the server. */
  readonly upKbps: number | undefined
  readonly downKbps: number | undefined
  /** What may wait for a full link, each way; the rest is lost (datagrams) or held back (TCP). */
  readonly queueBytes: number
  /** False: no datagram passes, as in networks that let only web pages through. */
  readonly udp: boolean
}

const base: Conditions = {
  delayMs: 0,
  jitterMs: 0,
  lossPercent: 0,
  reorderPercent: 0,
  upKbps: undefined,
  downKbps: undefined,
  queueBytes: 64_000,
  udp: true,
}
const network = (o: Partial<Conditions>): Conditions => ({ ...base, ...o })

/** Networks by name. The round trip is twice `delayMs`. */
export const NETWORKS = {
  clean: network({}),
  good: network({ delayMs: 5, jitterMs: 2, upKbps: 20_000, downKbps: 50_000, queueBytes: 256_000 }),
  /** 50 ms round trip, 1 % loss. */
  lte: network({ delayMs: 25, jitterMs: 8, lossPercent: 1, upKbps: 8_000, downKbps: 20_000, queueBytes: 128_000 }),
  /** 300 ms round trip, 5 % loss, 500 kbit/s. */
  bad: network({ delayMs: 150, jitterMs: 30, lossPercent: 5, reorderPercent: 0.5, upKbps: 500, downKbps: 500 }),
  /** 800 ms round trip, 10 % loss, 150 kbit/s. */
  terrible: network({ delayMs: 400, jitterMs: 40, lossPercent: 10, upKbps: 150, downKbps: 150, queueBytes: 32_000 }),
  /** Web pages work, and nothing else. */
  noUdp: network({ delayMs: 10, upKbps: 5_000, downKbps: 20_000, udp: false }),
} as const satisfies Record<string, Conditions>
